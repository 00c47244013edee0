// The version of the package, taken from its manifest when it is built.
import manifest from '../../package.json' with { type: 'json' };

export const version: string = manifest.version;
