import { OF_ACCESS } from './access.ts';
import { OF_CONTENT } from './content.ts';
import { OF_LOCATIONS } from './location.ts';
import type { Mutation } from './mutate.ts';
import { OF_SERVERS } from './server.ts';
import { OF_VALUES } from './values.ts';

/** At least one break for each rule of the model that a request can meet, in the order in which it would meet them. */
export const MUTATIONS: readonly Mutation[] = [...OF_SERVERS, ...OF_LOCATIONS, ...OF_ACCESS, ...OF_VALUES, ...OF_CONTENT];
