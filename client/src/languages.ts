// The languages that are ours, as package.json contributes them.
export const documentSelector = [{ language: 'wireguard' }, { language: 'nftables' }] as const;
