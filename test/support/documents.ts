// Small documents in the formats whose text the hub reads.
import { crc32, deflateRawSync, deflateSync } from 'node:zlib';

/** Returns a ZIP file with these files. Sizes are those of the content, unless others are declared. */
export function zipFile(files: Readonly<Record<string, Buffer | string>>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, content] of Object.entries(files)) {
    const plain = Buffer.from(content);
    const packed = deflateRawSync(plain);
    const title = Buffer.from(name);
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt16LE(8, 4);
    facts.writeUInt32LE(crc32(plain), 10);
    facts.writeUInt32LE(packed.length, 14);
    facts.writeUInt32LE(plain.length, 18);
    facts.writeUInt16LE(title.length, 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), facts, title, packed]);
    const entry = Buffer.alloc(16);
    entry.writeUInt32LE(at, 12);
    directory.push(
      Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0000'), facts, entry.subarray(2), title]),
    );
    parts.push(local);
    at += local.length;
  }
  const end = Buffer.alloc(18);
  const size = directory.reduce((sum, one) => sum + one.length, 0);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(size, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...parts, ...directory, Buffer.from('PK\u0005\u0006'), end]);
}

/** Returns a Word document with paragraphs, and with targets of links. */
export function docx(paragraphs: readonly string[], links: readonly string[] = []): Buffer {
  const text = paragraphs.map((one) => `<w:p><w:r><w:t>${one}</w:t></w:r></w:p>`).join('');
  const relations = links
    .map(
      (link, i) =>
        `<Relationship Id="r${i}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink" Target="${link}" TargetMode="External"/>`,
    )
    .join('');
  return zipFile({
    'word/document.xml': `<?xml version="1.0"?><w:document xmlns:w="urn:w"><w:body>${text}</w:body></w:document>`,
    'word/_rels/document.xml.rels': `<Relationships xmlns="urn:r">${relations}</Relationships>`,
  });
}

/** Returns a PDF file with one line of text on each page, and with a link on the first one. */
export function pdf(lines: readonly string[], link?: string): Buffer {
  const objects: (Buffer | string)[] = [];
  const pages = lines.map((_line, i) => `${4 + i * 2} 0 R`).join(' ');
  objects.push(
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${pages}] /Count ${lines.length} >>`,
  );
  objects.push('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>');
  for (const [i, line] of lines.entries()) {
    const stream = deflateSync(`BT /F1 12 Tf 50 700 Td (${line}) Tj ET`);
    const annotation =
      i === 0 && link !== undefined
        ? `/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 100 100] /A << /S /URI /URI (${link}) >> >>]`
        : '';
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + i * 2} 0 R ${annotation} >>`,
    );
    objects.push(Buffer.concat([Buffer.from(`<< /Length ${stream.length} /Filter /FlateDecode >>\nstream\n`), stream, Buffer.from('\nendstream')])); // prettier-ignore
  }
  return pdfOf(objects);
}

/** Returns a PDF file of these objects. The first one is its catalogue. */
export function pdfOf(objects: readonly (Buffer | string)[]): Buffer {
  const parts: Buffer[] = [Buffer.from('%PDF-1.4\n')];
  const places: number[] = [];
  let at = 9;
  const add = (part: Buffer): void => {
    parts.push(part);
    at += part.length;
  };
  for (const [i, content] of objects.entries()) {
    places.push(at);
    add(Buffer.concat([Buffer.from(`${i + 1} 0 obj\n`), Buffer.from(content), Buffer.from('\nendobj\n')]));
  }
  const rows = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  add(Buffer.from(`xref\n0 ${size}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${at}\n%%EOF\n`)); // prettier-ignore
  return Buffer.concat(parts);
}
