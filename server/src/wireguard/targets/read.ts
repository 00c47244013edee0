// The reader of each target. wg-quick's own is the parser.
import { readAsAndroid } from './android.ts';
import { readAsMacos } from './macos.ts';
import { readAsNetworkManagerImport } from './networkmanager-import.ts';
import type { Target, TargetReader } from './target.ts';
import { readAsWindows } from './windows.ts';

export const targetReaders: Readonly<Record<Exclude<Target, 'wg-quick'>, TargetReader>> = {
  windows: readAsWindows,
  macos: readAsMacos,
  android: readAsAndroid,
  'networkmanager-import': readAsNetworkManagerImport,
};
