// The languages that are ours, as package.json contributes them.
export const documentSelector = [
  { language: 'wireguard' },
  { language: 'wireguard-networkd' },
  { language: 'wireguard-networkmanager' },
  { language: 'nftables' },
] as const;
