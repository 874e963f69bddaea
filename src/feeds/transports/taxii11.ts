import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { TransportSpec } from '../../config/settings.ts';
import { spoolBytes } from '../spool.ts';
import { Node } from '../node.ts';
import { xmlElements } from '../parsers/xml.ts';
import { discard } from './discard.ts';
import { fetchHttps } from './https.ts';
import { windowOf } from './since.ts';
import { FetchProblem, type FeedFile, type FetchOptions, type Fetched, isLate } from './transport.ts';

const NAMESPACE = 'http://taxii.mitre.org/messages/taxii_xml_binding-1.1';
const HEADERS = {
  'Content-Type': 'application/xml',
  Accept: 'application/xml',
  'X-TAXII-Content-Type': 'urn:taxii.mitre.org:message:xml:1.1',
  'X-TAXII-Accept': 'urn:taxii.mitre.org:message:xml:1.1',
  'X-TAXII-Services': 'urn:taxii.mitre.org:services:1.1',
};
/** Maximum number of parts of a response. */
const MOST_PARTS = 1_000;
/** The header fields of a response are at its beginning, before its first block of content. */
const LONGEST_HEAD = 262_144;

/**
 * Polls a collection of a TAXII 1.1 server. It starts where the last poll ended and stores each part of the response in
 * a spool file. The next poll starts at the end that the server names.
 */
export async function fetchTaxii11(transport: TransportSpec, options: FetchOptions): Promise<Fetched> {
  const { since } = windowOf(transport, options);
  const begin = options.cursor.taxii11?.end ?? new Date(since).toISOString();
  const collection = transport.collection ?? 'default';
  const files: FeedFile[] = [];
  let end: string | undefined;
  let status: number | undefined;
  let body: string | undefined = pollRequest(collection, begin);
  try {
    for (let part = 1; body !== undefined; part++) {
      if (part > MOST_PARTS)
        throw new FetchProblem('The response of the server has more than 1,000 parts', { failure: 'limits' });
      if (part > 1 && isLate(options))
        throw new FetchProblem('The server needs more than 30 minutes to send its response', {
          failure: 'limits',
          hint: 'Start later (transport.since_days). A response of TAXII 1.1 can only be read as a whole.',
        });
      const fetched = await fetchHttps(
        { ...transport, method: 'POST', body, headers: { ...HEADERS, ...transport.headers } },
        { ...options, cursor: {}, name: `${options.name}.${part}` },
      );
      files.push(...fetched.files);
      status = fetched.status;
      const [file] = fetched.files;
      if (file === undefined) break;
      const answer = await headOf(file);
      end = answer.end ?? end;
      body =
        answer.more && answer.result !== undefined
          ? fulfillment(collection, answer.result, part + 1)
          : undefined;
    }
  } catch (error) {
    await discard({ files });
    throw error;
  }
  return {
    status,
    files,
    cursor: { taxii11: { end: end ?? new Date(options.clock.now()).toISOString() } },
    unchanged: false,
    oddities: end === undefined ? ['the response of the server has no end timestamp'] : [],
  };
}

function messageId(): string {
  return String(randomBytes(4).readUInt32BE());
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** TAXII 1.1 XML binding section 4.11. */
function pollRequest(collection: string, begin: string): string {
  return `<taxii_11:Poll_Request xmlns:taxii_11="${NAMESPACE}" message_id="${messageId()}" collection_name="${escaped(collection)}"><taxii_11:Exclusive_Begin_Timestamp>${escaped(begin)}</taxii_11:Exclusive_Begin_Timestamp><taxii_11:Poll_Parameters allow_asynch="false"><taxii_11:Response_Type>FULL</taxii_11:Response_Type></taxii_11:Poll_Parameters></taxii_11:Poll_Request>`;
}

/** TAXII 1.1 XML binding section 4.13. */
function fulfillment(collection: string, result: string, part: number): string {
  return `<taxii_11:Poll_Fulfillment xmlns:taxii_11="${NAMESPACE}" message_id="${messageId()}" collection_name="${escaped(collection)}" result_id="${escaped(result)}" result_part_number="${part}"/>`;
}

interface Answer {
  readonly more: boolean;
  readonly result: string | undefined;
  readonly end: string | undefined;
}

/** Reads the header fields of a response. */
async function headOf(file: FeedFile): Promise<Answer> {
  const found: { more: boolean; result: string | undefined; end: string | undefined } = {
    more: false,
    result: undefined,
    end: undefined,
  };
  let isAnswer = false;
  for await (const { name, value } of xmlElements(
    Readable.from([await spoolBytes(file.path, LONGEST_HEAD)], { objectMode: false }),
    ['Poll_Response', 'Status_Message'],
    LONGEST_HEAD,
    { cut: true, until: 'Content_Block' },
  )) {
    const message = new Node(value);
    if (name === 'Status_Message') {
      const type = message.at('@status_type').text ?? 'FAILURE';
      throw new FetchProblem(`The server refused the request: ${type.slice(0, 60)}`, {
        failure: /UNAUTHORIZED|DENIED/.test(type) ? 'needs-key' : 'source',
        hint: (message.at('Message').text ?? '').slice(0, 200),
      });
    }
    isAnswer = true;
    found.more = message.at('@more').text === 'true';
    found.result = message.at('@result_id').text;
    found.end = message.at('Inclusive_End_Timestamp').text;
  }
  if (!isAnswer)
    throw new FetchProblem('The server did not return a poll response', {
      failure: 'content',
      hint: 'Check that the address leads to a TAXII 1.1 poll service.',
    });
  return found;
}
