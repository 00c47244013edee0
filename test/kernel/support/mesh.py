"""Brings meshes up with the real wg-quick, wireguard-go (or the kernel's WireGuard), nft and Linux, sends packets through them, and says
where each ended: mesh.py JOBS.

Runs inside a private network, mount and process namespace, and makes one more network and mount namespace for each host: so each has a
`wg0`, an /etc and sysctls of its own. Ends with its process namespace, and so does all that it started.

JOBS holds a JSON object a line, and for each one is printed, in order:
  {"hosts": [{"name", "root": folder laid over /, "underlay": [prefix...], "gateways": [address...], "lan": [prefix...] | null,
              "sysctl": {name: value}, "ruleset": bool, "up": [interface...]}, ...],
   "lans": [{"name", "of": host, "underlay": [prefix...], "gateways": [address...]}, ...],
   "flows": [{"from": host, "taken": bool, "source": address | null, "to": address, "protocol": number, "port": number}, ...]}
  {"failed": [[host, what it said], ...], "flows": [{"ends": [{"host", "source", "to", "port"}, ...], "answered": bool}, ...]}
A flow that is taken is one of a host in somebody's hands: its packets go straight into WireGuard, to each peer in turn, whatever its
AllowedIPs, routes and rules say, and WireGuard's own from a port that the peer's rules let answers through to, if there is one. Of what
comes back to it nothing goes on. The others go by the host's own stack, by an ordinary socket where it has the source itself.
"""
import json, os, socket, subprocess, sys, time

# nothing is left beside the sources
sys.dont_write_bytecode = True
from mesh_host import Host, libc

CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
QUIET = 0.04
MAC = "02:00:00:00:%02x:%02x"


class Agent:
    def __init__(self, plan):
        self.name, self.plan = plan["name"], plan
        ours, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            ours.close()
            if libc.unshare(CLONE_NEWNET | CLONE_NEWNS):
                os._exit(1)
            theirs.sendall(b"1")
            try:
                Host(theirs, plan).serve()
            finally:
                os._exit(1)
        theirs.close()
        self.socket, self.buffer = ours, b""
        if self.socket.recv(1) != b"1":
            raise OSError(f"{self.name}: no namespaces")

    def tell(self, *command):
        self.socket.sendall(json.dumps(command).encode() + b"\n")

    def answer(self):
        while b"\n" not in self.buffer:
            got = self.socket.recv(1 << 20)
            if not got:
                raise OSError(f"{self.name} ended")
            self.buffer += got
        line, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(line)

    def ask(self, *command):
        self.tell(*command)
        return self.answer()


def everyone(agents, *command):
    for agent in agents:
        agent.tell(*command)
    return [agent.answer() for agent in agents]


def ip(*words):
    subprocess.run(["ip", *words], check=True, stdin=subprocess.DEVNULL)


class Mesh:
    def __init__(self, job):
        self.job = job
        self.hosts = [Agent(plan) for plan in job["hosts"]]
        self.lans = [Agent(plan) for plan in job["lans"]]
        self.agents = self.hosts + self.lans
        self.by_name = {agent.name: agent for agent in self.agents}
        self.flows = [{"ends": [], "answered": False} for _ in job["flows"]]

    def meet(self):
        """Tells everybody whose IPv6 addresses are whose."""
        def v6(prefixes):
            return [prefix.split("/")[0] for prefix in prefixes or [] if ":" in prefix]
        for agent in self.hosts:
            others = [[address, MAC % (1, i)] for i, other in enumerate(self.hosts) if other is not agent for address in v6(other.plan["underlay"])]
            agent.plan["neighbours"] = {"eth0": others}
        for agent in self.lans:
            router = self.by_name[agent.plan["of"]]
            router.plan["neighbours"]["lan0"] = [[address, MAC % (2, 1)] for address in v6(agent.plan["underlay"])]
            agent.plan["neighbours"] = {"eth0": [[address, MAC % (2, 0)] for address in v6(router.plan["lan"])]}
        for agent in self.agents:
            agent.ask("learn", agent.plan)

    def build(self):
        self.meet()
        ip("link", "add", "br0", "type", "bridge")
        for prefix in self.job["gateways"]:
            ip("addr", "add", prefix, "dev", "br0", *(["nodad"] if ":" in prefix else []))
        ip("link", "set", "br0", "up")
        for i, agent in enumerate(self.hosts):
            ip("link", "add", f"v{i}", "type", "veth", "peer", "name", "eth0", "address", MAC % (1, i), "netns", str(agent.pid))
            ip("link", "set", f"v{i}", "master", "br0", "up")
        for agent in self.lans:
            router = self.by_name[agent.plan["of"]]
            ip("link", "add", "behind", "address", MAC % (2, 1), "type", "veth", "peer", "name", "lan0", "address", MAC % (2, 0), "netns", str(router.pid))
            ip("link", "set", "behind", "netns", str(agent.pid), "name", "eth0")
        everyone(self.agents, "dress")
        complaints = everyone(self.agents, "underlay")
        failed = [[agent.name, said] for agent, said in zip(self.agents, complaints) if said]
        for agent, said in zip(self.agents, everyone(self.agents, "up")):
            failed += [[agent.name, one] for one in said]
        return failed

    def connect(self):
        everyone(self.hosts, "begin")
        # of two that call each other at once neither gets an answer that it can read, so one end calls first
        for _ in range(2):
            called = set()
            calls = everyone(self.hosts, "callable")
            for agent, peers in zip(self.hosts, calls):
                mine = [peer for peer in peers if tuple(sorted(peer[1:])) not in called]
                called.update(tuple(sorted(peer[1:])) for peer in mine)
                agent.tell("call", mine)
            for agent in self.hosts:
                agent.answer()
            self.settle(called)
            self.hosts.reverse()

    def settle(self, called):
        """Until every link that was called is up, or no more handshakes come."""
        links = len(called)
        start = sum(everyone(self.hosts, "answered"))
        last, since, begun = start, time.monotonic(), time.monotonic()
        # both ends count it
        while last - start < 2 * links and time.monotonic() - since < 0.3 and time.monotonic() - begun < 4:
            time.sleep(0.03)
            now = sum(everyone(self.hosts, "answered"))
            if now != last:
                last, since = now, time.monotonic()

    def listen(self, quiet, most):
        """Until nothing has come for `quiet` seconds."""
        end = time.monotonic() + most
        since = time.monotonic()
        while time.monotonic() - since < quiet and time.monotonic() < end:
            time.sleep(quiet / 4)
            if self.gather():
                since = time.monotonic()

    def gather(self):
        any_ = False
        for agent, seen in zip(self.agents, everyone(self.agents, "heard")):
            for number, answers, source, to, port in seen:
                if number >= len(self.flows):
                    continue
                any_ = True
                asked, found = self.job["flows"][number], self.flows[number]
                if not answers:
                    end = {"host": agent.name, "source": source, "to": to, "port": port}
                    if end not in found["ends"]:
                        found["ends"].append(end)
                elif agent.name == asked["from"] and [source, port] == [asked["to"], asked["port"]] and asked["source"] in (None, to):
                    found["answered"] = True
        return any_

    def of(self, agent, taken):
        return [[i, flow] for i, flow in enumerate(self.job["flows"]) if flow["from"] == agent.name and flow["taken"] == taken]

    def send(self):
        for agent in self.hosts:
            agent.tell("send", self.of(agent, False))
        for agent in self.hosts:
            agent.answer()
        self.listen(0.15, 3)
        everyone(self.agents, "hang_up")
        everyone(self.hosts, "forget")
        links = everyone(self.hosts, "links")
        # those whose own rules keep a link down are taken last
        order = sorted(zip(self.hosts, links), key=lambda one: not all(alive for _, _, alive in one[1]))
        for agent, peers in order:
            flows = self.of(agent, True)
            if not flows:
                continue
            others = [other for other in self.hosts if other is not agent]
            freed = not all(alive for _, _, alive in peers)
            if freed:
                agent.ask("disarm")
                called = everyone(others, "revive", agent.ask("keys"))
                self.settle({tuple(link) for of_one in called for link in of_one})
            for interface, key, _ in peers:
                agent.ask("take", interface, key)
                agent.ask("inject", interface, flows)
                self.listen(QUIET, 1)
            # first nobody calls any more: behind its rules again no connection may be left that they would not have let begin
            if freed:
                everyone(others, "calm")
            agent.ask("give_back")
        self.listen(0.1, 1)

    def close(self):
        for agent in self.agents:
            agent.socket.close()
        for agent in self.agents:
            try:
                os.kill(agent.pid, 9)
            except ProcessLookupError:
                pass
            os.waitpid(agent.pid, 0)
        # what they started as daemons holds their namespaces; here all processes are ours
        for name in os.listdir("/proc"):
            if name.isdigit() and int(name) not in (1, os.getpid()):
                try:
                    with open(f"/proc/{name}/comm") as file:
                        if file.read().strip() == "wireguard-go":
                            os.kill(int(name), 9)
                except (OSError, ProcessLookupError):
                    pass
        subprocess.run(["ip", "link", "del", "br0"], stdin=subprocess.DEVNULL)
        for i in range(len(self.hosts)):
            subprocess.run(["ip", "link", "del", f"v{i}"], capture_output=True, stdin=subprocess.DEVNULL)


def main():
    with open(sys.argv[1]) as jobs:
        for line in jobs:
            job = json.loads(line)
            mesh = Mesh(job)
            try:
                failed = mesh.build()
                if not failed:
                    mesh.connect()
                    mesh.send()
                print(json.dumps({"failed": failed, "flows": mesh.flows}), flush=True)
            finally:
                mesh.close()


main()
