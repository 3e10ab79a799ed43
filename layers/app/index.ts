export type { AppResponse, AppResponses } from './model/app-responses.ts';
export { excerptOf } from './model/excerpt.ts';
// What houses put into a bag under 'app/responses'.
export type * from './causes/evidence.ts';
