// The documents that are ours: the languages package.json contributes, and the workspace file.
export const documentSelector = [
  { language: 'wireguard' },
  { language: 'wireguard-networkd' },
  { language: 'wireguard-networkmanager' },
  { language: 'nftables' },
  { pattern: '**/meshwarden.jsonc' },
] as const;
