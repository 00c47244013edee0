"""One host of a mesh: a process in network and mount namespaces of its own, that brings WireGuard and nft up as at boot, sends packets,
listens, and does what somebody could do who has taken it. mesh.py tells it what to do, a JSON line at a time.
"""
import ctypes, ipaddress, json, os, select, socket, struct, subprocess, time

FIRST_PORT = 20000  # a flow's number is its source port, or its echo identifier
PORTS = (22, 53, 80, 443, 5432, 8080)  # where every host listens
OTHER = 89
LIKELY = ("51820", "51821")  # where WireGuard mostly listens
ECHO = {4: (8, 0), 6: (128, 129)}
libc = ctypes.CDLL(None, use_errno=True)


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def transport(flow, number, version, source, to):
    """The transport header of a flow's packet, its checksum filled in."""
    protocol, mark = flow["protocol"], FIRST_PORT + number
    payload = b"mesh"
    if protocol == 6:
        head, at = struct.pack("!HHIIBBHHH", mark, flow["port"], 1, 0, 0x50, 2, 0x2000, 0, 0), 16
    elif protocol == 17:
        head, at = struct.pack("!HHHH", mark, flow["port"], 8 + len(payload), 0), 6
    elif protocol in (1, 58):
        head, at = struct.pack("!BBHHH", ECHO[version][0], 0, 0, mark, 1), 2
    else:
        return struct.pack("!H", mark) + payload
    body = head + payload
    pseudo = b"" if protocol == 1 else source + to + struct.pack("!HH", protocol, len(body))
    value = checksum(pseudo + body)
    return body[:at] + struct.pack("!H", value or 0xFFFF) + body[at + 2 :]


def whole(flow, number, source):
    """A flow's packet with its IP header."""
    from_, to = ipaddress.ip_address(source), ipaddress.ip_address(flow["to"])
    body = transport(flow, number, to.version, from_.packed, to.packed)
    if to.version == 4:
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), number + 1, 0, 64, flow["protocol"], 0, from_.packed, to.packed)
        return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body
    return struct.pack("!IHBB", 0x60000000, len(body), flow["protocol"], 64) + from_.packed + to.packed + body


class Host:
    """A process in namespaces of its own that does what it is told, a JSON line at a time, and listens meanwhile."""

    def __init__(self, told, plan):
        self.told, self.plan = told, plan
        self.buffer = b""
        self.seen = []
        self.sockets = []
        self.calls = []
        self.poll = select.epoll()
        self.readers = {}

    def serve(self):
        self.poll.register(self.told.fileno(), select.EPOLLIN)
        while True:
            for number, _ in self.poll.poll():
                if number != self.told.fileno():
                    self.readers[number]()
                    continue
                got = self.told.recv(1 << 20)
                if not got:
                    os._exit(0)
                self.buffer += got
                while b"\n" in self.buffer:
                    line, self.buffer = self.buffer.split(b"\n", 1)
                    command, *arguments = json.loads(line)
                    answer = getattr(self, command)(*arguments)
                    self.told.sendall(json.dumps(answer).encode() + b"\n")

    def run(self, *command, **options):
        return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=30, **options)

    def learn(self, plan):
        self.plan = plan
        return True

    def dress(self):
        """Mounts of its own: where control sockets lie, and the host's files over /etc."""
        def mount(source, target, kind, flags=0, data=None):
            if libc.mount(source.encode(), target.encode(), kind and kind.encode(), flags, data and data.encode()):
                raise OSError(ctypes.get_errno(), f"mount {target}: {os.strerror(ctypes.get_errno())}")
        mount("none", "/", None, 0x44000)  # MS_REC | MS_PRIVATE
        mount("tmpfs", "/run", "tmpfs")
        for folder in ("/run/wireguard", "/run/etc", "/run/work"):
            os.mkdir(folder)
        if self.plan.get("root"):
            subprocess.run(["cp", "-a", self.plan["root"] + "/etc/.", "/run/etc"], check=True)
            mount("overlay", "/etc", "overlay", 0, "lowerdir=/etc,upperdir=/run/etc,workdir=/run/work")
        return True

    def underlay(self):
        plan = self.plan
        # who is on a network is the network's to tell: what rules do to the packets that tell it is left out
        lines, v6 = ["link set lo up"], []
        for device, addresses in (("eth0", plan.get("underlay")), ("lan0", plan.get("lan"))):
            if addresses:
                lines += [f"addr add {address} dev {device}" + (" nodad" if ":" in address else "") for address in addresses]
                lines.append(f"link set {device} up")
        for device, neighbours in plan.get("neighbours", {}).items():
            v6 += [f"neigh add {address} lladdr {mac} dev {device} nud permanent" for address, mac in neighbours]
        for address in plan.get("gateways", []):
            (v6 if ":" in address else lines).append(f"route add default via {address}")
        for family, commands in ([], lines), (["-6"], v6):
            done = subprocess.run(["ip", *family, "-batch", "-"], input="\n".join(commands), capture_output=True, text=True)
            if done.returncode:
                return f"ip: {done.stderr.strip()}"
        for name, value in plan.get("sysctl", {}).items():
            with open("/proc/sys/" + name.replace(".", "/"), "w") as file:
                file.write(str(value))
        return None

    def up(self):
        """As at boot: the ruleset first, then each interface (nftables.service is before the network)."""
        failed = []
        if self.plan.get("ruleset"):
            done = self.run("nft", "-f", "/etc/nftables.conf", cwd="/etc")
            if done.returncode:
                failed.append("nft: " + done.stderr.strip())
        for interface in self.plan.get("up", []):
            done = self.run("wg-quick", "up", interface, cwd="/etc/wireguard")
            if done.returncode:
                failed.append(f"wg-quick up {interface}: " + done.stderr.strip()[-300:])
        self.open_ears()
        return failed

    def open_ears(self):
        """Raw sockets get what passed the input hook (ip_local_deliver_finish, raw_local_deliver)."""
        for family, icmp in ((socket.AF_INET, 1), (socket.AF_INET6, 58)):
            for protocol in (icmp, 6, 17, OTHER):
                ear = socket.socket(family, socket.SOCK_RAW | socket.SOCK_NONBLOCK, protocol)
                ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
                if family == socket.AF_INET6:
                    ear.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
                self.listen(ear, lambda ear=ear, protocol=protocol: self.hear(ear, protocol))
        for port in PORTS:
            stream = socket.socket(socket.AF_INET6, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
            stream.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            stream.bind(("::", port))
            stream.listen(4096)
            self.calls.append(stream)
            for family, level, option in ((socket.AF_INET, socket.IPPROTO_IP, 8), (socket.AF_INET6, socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO)):
                echo = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
                if family == socket.AF_INET6:
                    echo.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                echo.setsockopt(level, option, 1)
                echo.bind(("", port))
                self.listen(echo, lambda echo=echo, level=level: self.echo(echo, level))

    def listen(self, sock, reader):
        self.sockets.append(sock)
        self.readers[sock.fileno()] = reader
        self.poll.register(sock.fileno(), select.EPOLLIN)

    def echo(self, sock, level):
        """Answers from the address that was asked."""
        try:
            data, ancillary, _, peer = sock.recvmsg(2048, 256)
            kind = 8 if level == socket.IPPROTO_IP else socket.IPV6_PKTINFO
            for of, what, value in ancillary:
                if of == level and what == kind:
                    # struct in_pktinfo: what is sent goes out from spec_dst; of IPv6 by whatever interface the route says
                    value = struct.pack("=I", 0) + value[8:12] + value[8:12] if level == socket.IPPROTO_IP else value[:16] + struct.pack("=I", 0)
                    sock.sendmsg([data], [(level, kind, value)], 0, peer)
        except OSError:
            pass

    def hear(self, ear, protocol):
        while True:
            try:
                data, ancillary, _, peer = ear.recvmsg(2048, 256)
            except OSError:
                return
            if ear.family == socket.AF_INET:
                source, to = socket.inet_ntop(socket.AF_INET, data[12:16]), socket.inet_ntop(socket.AF_INET, data[16:20])
                data = data[(data[0] & 15) * 4 :]
            else:
                source, to = peer[0].split("%")[0], ""
                for of, what, value in ancillary:
                    if of == socket.IPPROTO_IPV6 and what == socket.IPV6_PKTINFO:
                        to = socket.inet_ntop(socket.AF_INET6, value[:16])
            if len(data) < 6:
                continue
            answers = False
            if protocol in (1, 58):
                version = 4 if protocol == 1 else 6
                if data[0] not in ECHO[version]:
                    continue
                answers = data[0] == ECHO[version][1]
                number, port = struct.unpack_from("!H", data, 4)[0], 0
            elif protocol == OTHER:
                number, port = struct.unpack_from("!H", data)[0], 0
            else:
                first, second = struct.unpack_from("!HH", data)
                answers = second >= FIRST_PORT and first < FIRST_PORT
                number, port = (second, first) if answers else (first, second)
                if protocol == 6 and (len(data) < 14 or data[13] & 0x3F != (0x12 if answers else 2)):
                    continue
            number -= FIRST_PORT
            if 0 <= number < 10000:
                self.seen.append([number, answers, source, to, port])

    def heard(self):
        for reader in list(self.readers.values()):
            reader()
        seen, self.seen = self.seen, []
        return seen

    # WireGuard

    def conf(self, interface):
        """Each peer with what the device holds of it."""
        peers = []
        for line in self.run("wg", "showconf", interface).stdout.splitlines():
            if line == "[Peer]":
                peers.append({"AllowedIPs": ""})
            elif peers and " = " in line:
                key, value = line.split(" = ", 1)
                peers[-1][key] = value
        return peers

    def alive(self, interface):
        lines = self.run("wg", "show", interface, "latest-handshakes").stdout.split("\n")
        return {line.split("\t")[0] for line in lines if line and line.split("\t")[1] != "0"}

    def begin(self):
        """Forgets handshakes that were tried before the other end was there."""
        for interface in self.plan.get("up", []):
            for peer in self.conf(interface):
                self.renew(interface, peer, peer["AllowedIPs"].replace(" ", ""), "0")
        return True

    def renew(self, interface, peer, allowed, keepalive):
        """Takes a peer away and puts it back, so that it may try a handshake at once."""
        key = peer["PublicKey"]
        words = ["wg", "set", interface, "peer", key, "allowed-ips", allowed, "persistent-keepalive", keepalive]
        if "Endpoint" in peer:
            words += ["endpoint", peer["Endpoint"]]
        if "PresharedKey" in peer:
            with open("/run/psk", "w") as file:
                file.write(peer["PresharedKey"] + "\n")
            words += ["preshared-key", "/run/psk"]
        self.run("wg", "set", interface, "peer", key, "remove")
        self.run(*words)

    def callable(self):
        """Of each interface its key, and the peers with an endpoint whose link is down."""
        found = []
        for interface in self.plan.get("up", []):
            own, alive = self.key(interface), self.alive(interface)
            found += [[interface, own, peer["PublicKey"]] for peer in self.conf(interface) if "Endpoint" in peer and peer["PublicKey"] not in alive]
        return found

    def call(self, peers):
        """Begins handshakes, as keepalives of the files would in time."""
        for interface, _, key in peers:
            self.run("wg", "set", interface, "peer", key, "persistent-keepalive", "25")
        return True

    def answered(self):
        return sum(len(self.alive(interface)) for interface in self.plan.get("up", []))

    def links(self):
        """Of each interface its peers, and whether their link lives."""
        found = []
        for interface in self.plan.get("up", []):
            alive = self.alive(interface)
            found += [[interface, peer["PublicKey"], peer["PublicKey"] in alive] for peer in self.conf(interface)]
        return found

    def take(self, interface, key):
        """Whatever is put into the interface goes to this peer."""
        if not hasattr(self, "before"):
            self.before = {}
        if not self.before:
            self.keep_back()
        # others may let it through from the port that it had alone
        self.move_back()
        if interface not in self.before:
            self.before[interface] = self.conf(interface), self.alive(interface)
        peers, alive = self.before[interface]
        words = []
        for peer in peers:
            if peer["PublicKey"] != key:
                words += ["peer", peer["PublicKey"], "allowed-ips", ""]
        if words:
            self.run("wg", "set", interface, *words)
        for peer in peers:
            if peer["PublicKey"] == key:
                if key in alive:
                    self.run("wg", "set", interface, "peer", key, "allowed-ips", "0.0.0.0/0,::/0")
                else:
                    self.renew(interface, peer, "0.0.0.0/0,::/0", "25")
                    if "Endpoint" in peer:
                        self.call_from_any(interface, peer)
        return True

    def call_from_any(self, interface, peer):
        """Whoever has taken it calls from the port that the other end's rules let answers through to, if there is one."""
        for port in (None, peer["Endpoint"].rsplit(":", 1)[1], *LIKELY):
            if port is not None:
                self.move(interface, port)
                self.renew(interface, peer, "0.0.0.0/0,::/0", "25")
            end = time.monotonic() + 0.15
            while time.monotonic() < end:
                if peer["PublicKey"] in self.alive(interface):
                    return
                time.sleep(0.02)

    def port(self, interface):
        return self.run("wg", "show", interface, "listen-port").stdout.strip()

    def move(self, interface, port):
        """Lets it listen at a port, whatever other interface does."""
        if not hasattr(self, "ports"):
            self.ports = {}
        for one in self.plan["up"]:
            self.ports.setdefault(one, self.port(one))
            if one != interface and self.port(one) == port:
                self.run("wg", "set", one, "listen-port", "0")
        self.run("wg", "set", interface, "listen-port", port)

    def move_back(self):
        ports, self.ports = getattr(self, "ports", {}), {}
        moved = [one for one, port in ports.items() if self.port(one) != port]
        for one in moved:
            self.run("wg", "set", one, "listen-port", "0")
        for one in moved:
            self.run("wg", "set", one, "listen-port", ports[one])
            alive = self.alive(one)
            for peer in self.conf(one):
                # tells the others where it is again
                if peer["PublicKey"] in alive:
                    for interval in ("0", "25", peer.get("PersistentKeepalive", "0")):
                        self.run("wg", "set", one, "peer", peer["PublicKey"], "persistent-keepalive", interval)

    def keep_back(self):
        """Of what it sends nothing comes back to it: whatever its own rules, which stand, make of that, they could have sent at once."""
        wireguard = ", ".join(f'"{interface}"' for interface in self.plan.get("up", []))
        # what was asked, and no answer to it, which has the port of a flow
        rules = [
            "iifname != { %s } return" % wireguard,
            "meta l4proto { tcp, udp } th dport < %d drop" % FIRST_PORT,
            "icmp type echo-request drop",
            "icmpv6 type echo-request drop",
            "meta l4proto %d drop" % OTHER,
        ]
        base = "type filter hook prerouting priority -500"
        done = self.run("nft", "table inet taken { chain back { %s; }; }" % "; ".join([base, *rules]))
        if done.returncode:
            raise OSError(done.stderr.strip())

    def disarm(self):
        """Its own rules do not hold whoever has taken it. What others have sent by it to links that were down goes with them."""
        self.forget()
        self.armed = {interface: (self.conf(interface), self.alive(interface)) for interface in self.plan.get("up", [])}
        with open("/run/ruleset", "w") as file:
            file.write("flush ruleset\n" + self.run("nft", "-s", "list", "ruleset").stdout)
        self.run("nft", "flush", "ruleset")
        self.lead_out("add")
        return True

    def lead_out(self, change):
        """Whatever its own rules of routing say, what it sends to other hosts leaves by the network between them."""
        for network in self.plan["underlay"]:
            to = str(ipaddress.ip_network(network, False))
            self.run("ip", "-6" if ":" in to else "-4", "rule", change, "priority", "1", "to", to, "table", "main")

    def forget(self):
        """Takes away the packets that wait for links that are down, and whatever else is left of these."""
        self.down = []
        for interface in self.plan.get("up", []):
            alive = self.alive(interface)
            for peer in self.conf(interface):
                if peer["PublicKey"] not in alive:
                    self.down.append((interface, peer))
                    self.renew(interface, peer, peer["AllowedIPs"].replace(" ", ""), "0")
        return True

    def key(self, interface):
        return self.run("wg", "show", interface, "public-key").stdout.strip()

    def keys(self):
        return [self.key(interface) for interface in self.plan.get("up", [])]

    def revive(self, keys):
        """Calls the hosts of these keys again where it could not reach them, as it would a little later."""
        self.forget()
        called = []
        for interface, peer in self.down:
            if "Endpoint" in peer and peer["PublicKey"] in keys:
                self.run("wg", "set", interface, "peer", peer["PublicKey"], "persistent-keepalive", "25")
                called.append(sorted([self.key(interface), peer["PublicKey"]]))
        return called

    def calm(self):
        for interface, peer in self.down:
            self.renew(interface, peer, peer["AllowedIPs"].replace(" ", ""), "0")
        return True

    def give_back(self):
        # what came up without its rules, or was learnt of others by then, must not live on behind them
        armed = getattr(self, "armed", {})
        self.armed = {}
        for interface, before in getattr(self, "before", {}).items():
            peers, alive = armed.get(interface, before)
            for peer in peers:
                if peer["PublicKey"] in alive:
                    self.run("wg", "set", interface, "peer", peer["PublicKey"], "allowed-ips", peer["AllowedIPs"].replace(" ", ""))
                else:
                    self.renew(interface, peer, peer["AllowedIPs"].replace(" ", ""), "0")
        self.before = {}
        self.move_back()
        self.run("nft", "delete table inet taken")
        if os.path.exists("/run/ruleset"):
            self.run("nft", "-f", "/run/ruleset")
            os.remove("/run/ruleset")
            self.lead_out("del")
        return True

    # packets

    def inject(self, interface, flows):
        out = {}
        for number, flow in flows:
            version = ipaddress.ip_address(flow["to"]).version
            if version not in out:
                out[version] = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
            kind = 0x0800 if version == 4 else 0x86DD
            try:
                out[version].sendto(whole(flow, number, flow["source"]), (interface, kind))
            except OSError:
                pass
        return True

    def send(self, flows):
        own = {line.split()[3].split("/")[0] for line in self.run("ip", "-o", "addr").stdout.splitlines()}
        for number, flow in flows:
            try:
                if flow["source"] is None or flow["source"] in own:
                    self.send_honestly(number, flow)
                else:
                    packet = whole(flow, number, flow["source"])
                    family = socket.AF_INET6 if ":" in flow["to"] else socket.AF_INET
                    raw = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
                    raw.sendto(packet, (flow["to"], 0))
            except OSError:
                pass  # no route, or dropped at the output hook
        return True

    def hang_up(self):
        """A SYN that was lost is not sent again, and neither is an answer to one."""
        for sock in self.calls:
            sock.close()
        self.calls = []
        return True

    def send_honestly(self, number, flow):
        family = socket.AF_INET6 if ":" in flow["to"] else socket.AF_INET
        version = 6 if family == socket.AF_INET6 else 4
        protocol, mark = flow["protocol"], FIRST_PORT + number
        kind = {6: socket.SOCK_STREAM, 17: socket.SOCK_DGRAM}.get(protocol, socket.SOCK_RAW)
        sock = socket.socket(family, kind | socket.SOCK_NONBLOCK, protocol if kind == socket.SOCK_RAW else 0)
        self.calls.append(sock)
        # a port of its own, and the address that was asked for, or the one that the kernel chooses
        sock.bind((flow["source"] or "", mark if kind != socket.SOCK_RAW else 0))
        if protocol == 6:
            sock.connect_ex((flow["to"], flow["port"]))
        elif protocol == 17:
            sock.sendto(b"mesh", (flow["to"], flow["port"]))
        elif protocol == 1:
            sock.sendto(transport(flow, number, 4, b"", b""), (flow["to"], 0))
        elif protocol == 58:
            # the kernel fills the checksum in (raw(7), ipv6(7))
            sock.sendto(struct.pack("!BBHHH", ECHO[version][0], 0, 0, mark, 1) + b"mesh", (flow["to"], 0))
        else:
            sock.sendto(struct.pack("!H", mark) + b"mesh", (flow["to"], 0))
