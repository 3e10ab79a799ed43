export { authorityOf, encodeNonAscii, parseUri, resolveReference, targetOf, type Scheme, type Uri, type UriReading } from './uri.ts';
export { printHost, type ToAscii } from './host.ts';
export { removeDotSegments } from './dot-segments.ts';
