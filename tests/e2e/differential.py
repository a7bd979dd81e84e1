#!/usr/bin/env python3
"""Differential test: what other servers answer, ours answers.

The same few hundred requests (differential_requests.py: real DISCOVERs, changed by rules) go to
dnsmasq as a ProxyDHCP server, ISC dhcpd and Kea, each in a network namespace of its own, and
through wdspxe.dll with staticpxe (wdspxectl replay, under Wine). A table by class is printed.

  differential.py [WDSPXECTL_EXE STATICPXE_DLL]

Fails if at least two of the others answer a request that ours does not, or ours alone answers
one, unless a rule below says why. Needs root, iproute2,
dnsmasq-base, isc-dhcp-server, kea-dhcp4-server, wine.
"""
import json
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

import differential_requests

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PEERS = ('dnsmasq', 'isc', 'kea')
BASES = ('bios-ipxe.pcap', 'uefi-ovmf.pcap', 'ovmf-x64-httpv4.pcap')
ARCHITECTURES = (0, 6, 7, 9, 16)  # of the captures' clients, and others of their kind (RFC 4578)
WAIT = 60  # seconds until a sentinel that must be answered was not
SENTINEL = 0x0E000000

# What two of the others answer and ours leaves alone, and why.
NOT_OURS = {
    'no vendor class: no boot':
        'a machine that does not boot: DHCP servers have an address for it, a ProxyDHCP server nothing',
    'op says reply':
        'what another server sends, which a relay or a broadcast may bring here: no request',
    'the last option runs over the end':
        'cut on its way: what the client said is not known, and providers that read by the length '
        'of an option must not get it',
}
# What ours alone answers, and why.
OURS_ALONE = {
    'an option without a value':
        'an empty option 61 (RFC 2132, section 9.14: at least 2 bytes) of an HTTPClient: it tells '
        'nothing, and nothing that we say hangs on it; the DHCP servers drop it, dnsmasq as a '
        'ProxyDHCP server knows PXEClient only',
}

KEA = {'Dhcp4': {
    'interfaces-config': {'interfaces': ['eth0']},
    'lease-database': {'type': 'memfile', 'persist': False},
    'subnet4': [{'subnet': '10.78.0.0/16', 'pools': [{'pool': '10.78.4.0 - 10.78.40.0'}]}],
    'loggers': [{'name': 'kea-dhcp4', 'severity': 'WARN', 'output_options': [{'output': 'stdout'}]}],
}}
ISC = '''authoritative;
ping-check false;
default-lease-time 600;
subnet 10.78.0.0 netmask 255.255.0.0 { range 10.78.4.0 10.78.40.0; }
'''
INI = '''[default]
file=a.0
http_url=http://10.78.0.1/a.efi
'''


def run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


# ---- packets ----

def checksum(data):
    total = sum(struct.unpack(f'>{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def frame_of(payload, to_mac):
    """Broadcast from the client; what a relay forwards (giaddr is set) is unicast from it."""
    relayed = payload[24:28] != bytes(4)
    source = socket.inet_ntoa(payload[24:28]) if relayed else '0.0.0.0'
    target = '10.78.0.1' if relayed else '255.255.255.255'
    udp = struct.pack('>HHHH', 67 if relayed else 68, 67, 8 + len(payload), 0) + payload
    ip = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                     socket.inet_aton(source), socket.inet_aton(target))
    ip = ip[:10] + struct.pack('>H', checksum(ip)) + ip[12:]
    ethernet = (to_mac if relayed else b'\xff' * 6) + b'\x52\x54\x0d\xff\xff\xff' + b'\x08\x00'
    return ethernet + ip + udp


def reply_xid(frame):
    """The transaction of a BOOTREPLY in a frame from port 67, or None."""
    if frame[12:14] != b'\x08\x00' or frame[23] != 17:
        return None
    udp = 14 + 4 * (frame[14] & 15)
    if frame[udp:udp + 2] != b'\x00\x43' or frame[udp + 8:udp + 9] != b'\x02':
        return None
    return struct.unpack('>I', frame[udp + 12:udp + 16])[0]


def captured_discover(path):
    """The first DISCOVER of a capture (classic pcap, Ethernet)."""
    data = open(path, 'rb').read()
    order = '<' if data[:4] in (b'\xd4\xc3\xb2\xa1', b'\x4d\x3c\xb2\xa1') else '>'
    at = 24
    while at < len(data):
        size = struct.unpack(order + 'I', data[at + 8:at + 12])[0]
        frame = data[at + 16:at + 16 + size]
        at += 16 + size
        if frame[12:14] == b'\x08\x00' and frame[23] == 17:
            udp = 14 + 4 * (frame[14] & 15)
            payload = frame[udp + 8:]
            if frame[udp + 2:udp + 4] == b'\x00\x43' and b'\x35\x01\x01' in payload[240:]:
                return payload
    raise SystemExit(f'{path}: no DISCOVER in it')


def write_capture(path, frames):
    with open(path, 'wb') as out:
        out.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for number, frame in enumerate(frames):
            out.write(struct.pack('<IIII', number, 0, len(frame), len(frame)) + frame)


# ---- asking one server: runs inside the client's namespace ----

def drain(sniffer, answered, until, seconds):
    """Notes the transactions of replies until `until` is among them; False: not in that time."""
    end = time.monotonic() + seconds
    while until not in answered:
        left = end - time.monotonic()
        if left <= 0 or not select.select([sniffer], [], [], left)[0]:
            return False
        xid = reply_xid(sniffer.recv(65535))
        if xid is not None:
            answered.add(xid)
    return True


def ask(interface, to_mac, requests_path):
    """Behind each request goes a sentinel that every server answers: once that is answered, the
    request before it was either answered or will not be. No time decides."""
    requests = json.load(open(requests_path))
    sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    sniffer.bind((interface, 0))
    sentinel = bytearray(bytes.fromhex(requests['sentinel']))
    answered = set()

    def send_sentinel(number):
        sentinel[4:8] = struct.pack('>I', SENTINEL + number)
        sniffer.send(frame_of(bytes(sentinel), to_mac))

    # The server may still be starting: until then nobody listens.
    for attempt in range(WAIT * 2):
        send_sentinel(0xff0000 + attempt)
        if drain(sniffer, answered, SENTINEL + 0xff0000 + attempt, 0.5):
            break
    else:
        raise SystemExit(f'{interface}: the server does not answer a plain DISCOVER')
    for number, payload in enumerate(requests['requests']):
        sniffer.send(frame_of(bytes.fromhex(payload), to_mac))
        send_sentinel(number)
        if not drain(sniffer, answered, SENTINEL + number, WAIT):
            raise SystemExit(f'{interface}: no answer to the sentinel behind request {number}')
    json.dump(sorted(answered), sys.stdout)


# ---- the others ----

class Lab:
    """Namespaces, one for the clients and one for each server, and the servers in them."""

    def __init__(self, folder):
        self.folder = folder
        self.names = []
        self.servers = []
        self.client = self.namespace('client')

    def namespace(self, name):
        name = f'wdspxe-{os.getpid()}-{name}'
        run('ip', 'netns', 'add', name)
        self.names.append(name)
        run('ip', '-n', name, 'link', 'set', 'lo', 'up')
        return name

    def plug(self, peer):
        """eth0 with 10.78.0.1 in the server's namespace; the clients' end has the peer's name."""
        server = self.namespace(peer)
        run('ip', '-n', self.client, 'link', 'add', peer, 'type', 'veth', 'peer', 'name', 'eth0',
            'netns', server)
        run('ip', '-n', server, 'addr', 'add', '10.78.0.1/16', 'brd', '+', 'dev', 'eth0')
        run('ip', '-n', server, 'link', 'set', 'eth0', 'up')
        # For the relay's address, to which the servers send.
        run('ip', '-n', self.client, 'addr', 'add', '10.78.0.9/32', 'dev', peer)
        run('ip', '-n', self.client, 'link', 'set', peer, 'up')
        return server

    def spawn(self, peer, *command):
        log = open(os.path.join(self.folder, peer + '.log'), 'wb')
        environment = dict(os.environ, KEA_PIDFILE_DIR=self.folder, KEA_LOCKFILE_DIR=self.folder)
        self.servers.append(subprocess.Popen(
            ('ip', 'netns', 'exec', self.plug(peer), 'setpriv', '--pdeathsig', 'KILL', '--') + command,
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=environment))

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, 'w') as out:
            out.write(text)
        return path

    def start(self, peer):
        if peer == 'dnsmasq':
            self.spawn(peer, 'dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--port=0',
                       '--interface=eth0', '--bind-interfaces', '--dhcp-range=10.78.0.0,proxy',
                       *(f'--pxe-service={number},lab,a' for number in ARCHITECTURES), '--user=root',
                       '--log-dhcp', '--log-facility=-', '--pid-file=')
        elif peer == 'isc':
            self.spawn(peer, 'dhcpd', '-4', '-f', '-d', '-cf', self.write('isc.conf', ISC), '-lf',
                       self.write('isc.leases', ''), '-pf', os.path.join(self.folder, 'isc.pid'), 'eth0')
        else:
            self.spawn(peer, 'kea-dhcp4', '-c', self.write('kea.json', json.dumps(KEA)))

    def server_mac(self, peer):
        name = f'wdspxe-{os.getpid()}-{peer}'
        shown = subprocess.check_output(('ip', '-n', name, '-j', 'link', 'show', 'eth0'))
        return json.loads(shown)[0]['address']

    def ask(self, peer, requests_path):
        told = subprocess.run(
            ('ip', 'netns', 'exec', self.client, sys.executable, os.path.abspath(__file__), '--ask',
             peer, self.server_mac(peer), requests_path), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, check=False)
        if told.returncode != 0:
            with open(os.path.join(self.folder, peer + '.log'), errors='replace') as log:
                sys.stderr.write(''.join(log.readlines()[-15:]))
            raise SystemExit(f'{peer}: could not be asked')
        return set(json.loads(told.stdout))

    def close(self):
        for server in self.servers:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(5)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
        for name in self.names:
            subprocess.run(('ip', 'netns', 'del', name), check=False)


# ---- ours ----

def ask_ours(folder, exe, provider, requests):
    """The transactions that are answered, and why the others are not."""
    capture = os.path.join(folder, 'requests.pcap')
    write_capture(capture, [frame_of(payload, b'\x52\x54\x00\x00\x00\x01') for _, _, payload in requests])
    ini = os.path.join(folder, 'staticpxe.ini')
    with open(ini, 'w') as out:
        out.write(INI)
    output = os.path.join(folder, 'ours.json')
    with open(output, 'wb') as out:
        code = subprocess.run(
            (os.path.join(ROOT, 'tools', 'wine-run'), exe, 'replay', 'Z:' + os.path.abspath(provider),
             'Z:' + capture, '--local', '10.78.0.1', '--set', 'ConfigFile=Z:' + ini, '--json'),
            stdin=subprocess.DEVNULL, stdout=out, check=False, timeout=300).returncode
    answered, reasons = set(), {}
    with open(output, encoding='utf-8') as lines:
        for line in lines:
            event = json.loads(line)
            if event.get('event') != 'exchange':
                continue
            number = event['frame']
            if event['reply_count']:
                answered.add(number)
            else:
                reasons[number] = event['no_answer_reason']
    if not answered:
        raise SystemExit(f'ours answered nothing (exit code {code}, output in {output})')
    return answered, reasons


# ---- the table ----

def show(requests, answers, reasons):
    """Returns how many requests are answered by two others and not by ours, or by ours alone, and
    nothing below explains it."""
    rows, wrong, alone = {}, [], []
    for number, (row, name, _) in enumerate(requests, 1):
        who = {server for server, answered in answers.items() if number in answered}
        count = rows.setdefault(row, dict.fromkeys(PEERS + ('ours', 'all'), 0))
        count['all'] += 1
        for server in who:
            count[server] += 1
        if len(who - {'ours'}) >= 2 and 'ours' not in who:
            wrong.append((row, name, who, reasons.get(number, 'was not asked')))
        if who == {'ours'}:
            alone.append((row, name))
    print(f'{"class":<40}{"requests":>9}' + ''.join(f'{s:>9}' for s in PEERS + ('ours',)))
    for row, count in rows.items():
        print(f'{row:<40}{count["all"]:>9}' + ''.join(f'{count[s]:>9}' for s in PEERS + ('ours',)))
    print(f'\nours alone answers {len(alone)}:')
    for row, name in alone:
        print(f'  {row}: {name}: {OURS_ALONE.get(row, "NOT EXPLAINED")}')
    unexplained = [row for row, _ in alone if row not in OURS_ALONE]
    explained = [entry for entry in wrong if entry[0] in NOT_OURS]
    wrong = [entry for entry in wrong if entry[0] not in NOT_OURS]
    print(f'\ntwo others answer, ours leaves alone, as it should: {len(explained)}')
    for row in sorted({entry[0] for entry in explained}):
        print(f'  {row}: {NOT_OURS[row]}')
    print(f'\ntwo others answer, ours does not: {len(wrong)}')
    for row, name, who, reason in wrong:
        print(f'  {row}: {name}: answered by {", ".join(sorted(who))}; ours: {reason}')
    return len(wrong) + len(unexplained)


def main(exe, provider):
    bases = [(name.removesuffix('.pcap'), captured_discover(f'{ROOT}/tests/captures/{name}'))
             for name in BASES]
    requests = differential_requests.make(bases)
    sentinel = differential_requests.Request(bases[1][1])
    sentinel.fixed[28:34] = b'\x52\x54\x0e\x00\x00\x01'
    folder = tempfile.mkdtemp(prefix='wdspxe-differential-')
    os.chmod(folder, 0o755)
    path = os.path.join(folder, 'requests.json')
    with open(path, 'w') as out:
        json.dump({'sentinel': sentinel.payload().hex(),
                   'requests': [payload.hex() for _, _, payload in requests]}, out)
    lab = Lab(folder)
    try:
        answers = {}
        for peer in PEERS:
            lab.start(peer)
            xids = lab.ask(peer, path)
            answers[peer] = {xid - 0x0D000000 for xid in xids if xid >> 24 == 0x0D}
    finally:
        lab.close()
    answers['ours'], reasons = ask_ours(folder, exe, provider, requests)
    wrong = show(requests, answers, reasons)
    if wrong:
        print(f'files: {folder}')
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == '__main__':
    if sys.argv[1:2] == ['--ask']:
        ask(sys.argv[2], bytes.fromhex(sys.argv[3].replace(':', '')), sys.argv[4])
    else:
        binaries = sys.argv[1:3] or [f'{ROOT}/build/win-x64/bin/wdspxectl.exe',
                                     f'{ROOT}/build/win-x64/bin/staticpxe.dll']
        sys.exit(main(*binaries))
