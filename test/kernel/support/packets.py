"""Sends IP packets through the real Linux and says what became of each: packets.py DEVICES JOBS.

Runs inside a private network namespace. A TUN device is a layer 3 device as WireGuard's is: what is written to its descriptor arrives
from it, and what the kernel sends out by it can be read at once, because forwarding is synchronous (tun.c, tun_get_user).

DEVICES is JSON, {name: [address or "route PREFIX", ...]}. JOBS holds a JSON object a line: {"ruleset": FILE, "packets": [[from, hex, reply], ...]},
where `from` is a device or "" for this host. For each line one is printed: {"load": nft's complaint} or {"ends": [[to, hex, reply's end], ...]},
where `to` is a device, "local" where it was delivered here, or "" where it was lost.
"""
import fcntl, json, os, select, socket, struct, subprocess, sys, time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000  # linux/if_tun.h
MARKER = 8  # bytes at the end of a packet that tell it from what the kernel itself sends


def open_devices(devices):
    tuns = {}
    commands = []
    for name, addresses in devices.items():
        tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
        tuns[name] = tun
        commands.append(f"link set {name} up")
        for address in addresses:
            if address.startswith("route "):
                commands.append(f"route add {address[6:]} dev {name}")
            else:
                commands.append(f"addr add {address} dev {name}" + (" nodad" if ":" in address else ""))
    subprocess.run(["ip", "-batch", "-"], input="\n".join(commands), text=True, check=True)
    own = [address.split("/")[0] for addresses in devices.values() for address in addresses if not address.startswith("route ")]
    wait_for_local_routes([address for address in own if ":" in address])
    settings = {"ipv4/ip_forward": 1, "ipv6/conf/all/forwarding": 1, "ipv4/conf/all/rp_filter": 0, "netfilter/nf_conntrack_checksum": 0}
    settings.update({f"ipv4/conf/{name}/rp_filter": 0 for name in devices})
    for setting, value in settings.items():
        with open(f"/proc/sys/net/{setting}", "w") as file:
            file.write(str(value))
    return tuns


def wait_for_local_routes(addresses):
    """Linux makes an IPv6 address its own a little later, in a work queue (addrconf.c, addrconf_dad_work)."""
    for _ in range(200):
        asked = [subprocess.run(["ip", "-6", "route", "get", address], capture_output=True, text=True).stdout for address in addresses]
        if all(answer.startswith("local ") for answer in asked):
            return
        time.sleep(0.01)
    raise TimeoutError("the IPv6 addresses are not this host's own")


def open_ears():
    """Raw sockets get what passed the input hook (ip_local_deliver_finish, raw_local_deliver)."""
    ears = []
    for family, protocols in ((socket.AF_INET, (1, 6, 17, 89, 136)), (socket.AF_INET6, (58, 6, 17, 89, 136))):
        for protocol in protocols:
            ear = socket.socket(family, socket.SOCK_RAW | socket.SOCK_NONBLOCK, protocol)
            ears.append(ear)
    return ears


def flush_conntrack(netlink):
    """IPCTNL_MSG_CT_DELETE without attributes takes all entries away (nf_conntrack_netlink.c, ctnetlink_del_conntrack)."""
    netlink.send(struct.pack("=IHHIIBBH", 20, (1 << 8) | 2, 0x1 | 0x4, 1, 0, 0, 0, 0))
    error = struct.unpack_from("=i", netlink.recv(4096), 16)[0]
    if error:
        raise OSError(-error, os.strerror(-error))


def answer_to(packet):
    """The other end's answer: addresses and ports swapped, SYN+ACK for SYN, an echo for a ping."""
    p = bytearray(packet)
    if p[0] >> 4 == 4:
        head, protocol = (p[0] & 15) * 4, p[9]
        p[12:16], p[16:20] = p[16:20], p[12:16]
        p[8] = 64
        p[10:12] = b"\0\0"
        total = sum(struct.unpack(f"!{head // 2}H", p[:head]))
        while total >> 16:
            total = (total & 0xFFFF) + (total >> 16)
        p[10:12] = struct.pack("!H", ~total & 0xFFFF)
    else:
        head, protocol = 40, p[6]
        p[8:24], p[24:40] = p[24:40], p[8:24]
        p[7] = 64
    if protocol in (1, 58):
        put(p, head, head + 2, 0 if protocol == 1 else 129)
    else:
        p[head : head + 2], p[head + 2 : head + 4] = p[head + 2 : head + 4], p[head : head + 2]
    if protocol == 6:
        put(p, head + 13, head + 16, 0x12)
    return bytes(p)


def put(packet, at, checksum_at, byte):
    """A byte of the transport header, and the checksum that follows from it (RFC 1624)."""
    word = at & ~1
    old = struct.unpack_from("!H", packet, word)[0]
    packet[at] = byte
    total = (~struct.unpack_from("!H", packet, checksum_at)[0] & 0xFFFF) + (~old & 0xFFFF) + struct.unpack_from("!H", packet, word)[0]
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    struct.pack_into("!H", packet, checksum_at, ~total & 0xFFFF)


class Wire:
    def __init__(self, devices):
        self.tuns = open_devices(devices)
        self.ears = open_ears()
        self.mouths = [socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW) for family in (socket.AF_INET, socket.AF_INET6)]
        self.poll = select.epoll()
        self.readers = {}
        for name, tun in self.tuns.items():
            self.readers[tun] = (name, lambda tun=tun: os.read(tun, 65535))
        for ear in self.ears:
            self.readers[ear.fileno()] = ("local", lambda ear=ear: ear.recv(65535))
        for number in self.readers:
            self.poll.register(number, select.EPOLLIN)

    def drain(self, packet):
        """Where the packet came out, and as what. What the kernel sends of itself has another length or no marker."""
        to, seen = "", b""
        marker = packet[-MARKER:] if packet else None
        while True:
            ready = self.poll.poll(0)
            if not ready:
                return to, seen
            for number, _ in ready:
                name, read = self.readers[number]
                while True:
                    try:
                        got = read()
                    except BlockingIOError:
                        break
                    if marker is None or got[-MARKER:] != marker:
                        continue
                    # a raw socket of IPv6 gives no headers; the answer to a ping that was delivered here looks like the ping
                    if to != "local" and len(packet) - len(got) in ((0, 40, 48) if name == "local" else (0,)):
                        to, seen = name, got

    def send(self, source, packet):
        try:
            if source:
                os.write(self.tuns[source], packet)
            elif packet[0] >> 4 == 4:
                self.mouths[0].sendto(packet, (socket.inet_ntop(socket.AF_INET, packet[16:20]), 0))
            else:
                self.mouths[1].sendto(packet, (socket.inet_ntop(socket.AF_INET6, packet[24:40]), 0))
        except PermissionError:
            pass  # dropped at the output hook
        return self.drain(packet)


def main():
    wire = Wire(json.loads(sys.argv[1]))
    netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
    with open(sys.argv[2]) as jobs:
        for line in jobs:
            job = json.loads(line)
            loaded = subprocess.run(["nft", "-f", job["ruleset"]], capture_output=True, text=True)
            if loaded.returncode != 0:
                print(json.dumps({"load": loaded.stderr or f"status {loaded.returncode}"}))
                continue
            flush_conntrack(netlink)
            wire.drain(b"")
            ends = []
            for source, packet, reply in job["packets"]:
                to, seen = wire.send(source, bytes.fromhex(packet))
                back = None
                if reply and to in wire.tuns:
                    back = wire.send(to, answer_to(seen))[0]
                ends.append([to, seen.hex(), back])
            print(json.dumps({"ends": ends}))


main()
