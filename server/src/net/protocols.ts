// Protocols above IP by their names (/etc/protocols of Debian, and nft's own). A name that is not here is not known, which is never wrong.

export const protocols: ReadonlyMap<string, number> = new Map(
  Object.entries({
    icmp: 1,
    igmp: 2,
    ipencap: 4,
    tcp: 6,
    udp: 17,
    dccp: 33,
    ipv6: 41,
    gre: 47,
    esp: 50,
    ah: 51,
    icmpv6: 58,
    'ipv6-icmp': 58,
    ospf: 89,
    pim: 103,
    comp: 108,
    vrrp: 112,
    sctp: 132,
    udplite: 136,
  }),
);

/** TCP, UDP, and those that have ports in the same place: DCCP, SCTP and UDP-Lite. */
export const portProtocols: readonly number[] = [6, 17, 33, 132, 136];
