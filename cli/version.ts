import about from './package.json' with { type: 'json' };

/** As the package says. */
export const VERSION: string = about.version;
