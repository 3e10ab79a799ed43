/** What a fault ends the program with: 2 for usage and input, 3 when nothing can be learned, 4 when the tool itself failed. */
export type FaultExit = 2 | 3 | 4;

interface FaultKind {
  readonly exit: FaultExit;
  /** What the code stands for, as documentation. */
  readonly means: string;
}

/**
 * Every code a fault may carry. Types and reference pages come from this table; a code is never renamed
 * and never reused. The part before the slash names the subject, in the order of the table.
 */
export const FAULTS = {
  'usage/nothing-asked': { exit: 2, means: 'No URL, file, folder or pasted command was given.' },
  'usage/unknown-flag': { exit: 2, means: 'A flag that why403 does not know.' },
  'usage/value-missing': { exit: 2, means: 'A flag that needs a value was given without one.' },
  'usage/value-invalid': { exit: 2, means: 'The value of a flag can not be understood.' },
  'usage/conflict': { exit: 2, means: 'Two flags contradict each other.' },
  'usage/unsupported': { exit: 2, means: 'A flag of curl whose meaning why403 does not carry out.' },
  'url/empty': { exit: 2, means: 'The URL is empty.' },
  'url/character': { exit: 2, means: 'The URL holds a space, a control character or half a surrogate pair.' },
  'url/scheme': { exit: 2, means: 'The URL is neither http nor https.' },
  'url/host': { exit: 2, means: 'The URL names no host, or one that can not be a name or an address.' },
  'url/port': { exit: 2, means: 'The port is not a number from 1 to 65535.' },
  'url/userinfo': { exit: 2, means: 'The part before the @ of a URL can not be read.' },
  'header/invalid': { exit: 2, means: 'A header field that would break the request apart.' },
  'file/missing': { exit: 2, means: 'A file or folder that was named does not exist.' },
  'file/unreadable': { exit: 2, means: 'A file or folder that was named can not be read.' },
  'file/too-large': { exit: 2, means: 'A file is larger than the bound that keeps why403 small.' },
  'file/unrecognized': { exit: 2, means: 'The content of a file is of no kind that why403 knows.' },
  'config/syntax': { exit: 2, means: 'A configuration file breaks the grammar of its server.' },
  'config/include-cycle': { exit: 2, means: 'Configuration files include each other in a circle.' },
  'tool/interrupted': { exit: 4, means: 'The run was stopped before it had an answer.' },
  'tool/bug': { exit: 4, means: 'Something happened that why403 did not foresee.' },
} as const satisfies Readonly<Record<`${string}/${string}`, FaultKind>>;

export type FaultCode = keyof typeof FAULTS;
