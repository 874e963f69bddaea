/** Pages of running text: public pages, sign-in, the account, and forms without blocks. */
export const TEXT_CSS = `/* pages of running text: public pages, sign-in, account and forms that have no blocks */
.page { border-top: 6px solid var(--sea); }
.page > header, .page > .text, .page > footer { max-width: 52rem; margin-inline: auto; padding-inline: 16px; }
.page > header { padding-top: 16px; } .page > .text { padding-block: 0; }
.page > footer { color: var(--ink-2); font-size: 15px; padding-bottom: 36px; margin-top: 56px; }
.mark { font-weight: 650; font-size: 17px; letter-spacing: .02em; color: var(--ink); text-decoration: none; }
.text h1 { margin: 24px 0 8px; } .text .head h1 { margin: 0; }
.text h2 { margin: 36px 0 8px; } .text h3 { font-size: 1rem; margin: 28px 0 4px; }
.text :is(p, ul, ol, dl, pre, dd) { margin: 0 0 1rem; } .text dd { margin-bottom: 8px; } .text dt { font-weight: 650; }
.text :is(p, li, label) { max-width: 42rem; } .text :is(ul, ol) { list-style: revert; padding-inline-start: 2.5rem; }
.text code, .text pre { font-family: var(--mono); font-size: 15px; overflow-wrap: anywhere; }
.text pre { background: var(--paper); border: 1px solid var(--line); border-radius: 2px; padding: 12px; white-space: pre-wrap; }
.text table { background: var(--paper); margin-bottom: 1rem; }
.text :is(th, td) { padding: 8px 12px; border: 1px solid var(--line); vertical-align: top; overflow-wrap: break-word; } .text thead th { white-space: normal; }
.text th { background: var(--tint); font-weight: 650; font-size: inherit; color: inherit; }
.text td.long { overflow-wrap: anywhere; }
.text nav.docs ul { display: flex; flex-wrap: wrap; gap: 4px 20px; list-style: none; margin: 0 0 12px; padding: 0; } .text nav.docs [aria-current] { font-weight: 650; }
.text label { display: block; font-weight: 400; font-size: 1rem; }
.text :is(input, select, textarea) { max-width: 24rem; } .text :is(select, textarea) { max-width: 42rem; }
.text .field { margin: 0 0 1rem; } .text :is(.field small, .fault) { margin: 0 0 4px; }
.text small { display: block; color: var(--ink-2); }
.text :is(.fault, .faults h2, [role=alert]) { color: var(--magenta); font-weight: 650; }
.text .faults { border: 3px solid var(--magenta); padding: 4px 16px; max-width: 42rem; } .text .faults[role=alert] { color: inherit; font-weight: 400; } .text .faults h2 { margin: 8px 0; }
.text [aria-invalid] { border: 3px solid var(--magenta) !important; }
.text button { font-weight: 650; color: var(--on-sea); background: var(--sea); border: 0; border-radius: 2px; padding: 10px 18px; min-height: var(--hit); }
.text button.plain { color: var(--sea); background: none; border: 1px solid var(--sea); }
.qr svg { width: 14rem; height: 14rem; background: #fff; }
@media (max-width: 40rem) {
  .text thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .text table { background: none; } .text :is(tr, td) { display: block; border: 0; } .text tr { background: var(--paper); border: 1px solid var(--line); margin-bottom: 12px; padding: 4px 0; }
  .text td { overflow-wrap: anywhere; } .text td[data-label] { padding: 2px 12px; }
  .text td[data-label]::before { content: attr(data-label) ": "; color: var(--ink-2); }
}
`;
