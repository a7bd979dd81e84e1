"""The requests of the differential test: real DISCOVERs, and what rules make of them.

A rule takes a DISCOVER apart and gives it back changed in one way. Each belongs to a class, which
is a row of the table. All are deterministic: the same requests in every run.
"""
import random
import struct

COOKIE = bytes([99, 130, 83, 99])
GIADDR, FLAGS, HTYPE, HLEN, HOPS, CHADDR, SNAME, FILE = 24, 10, 1, 2, 3, 28, 44, 108
RELAY = bytes([10, 78, 0, 9])


class Request:
    """The fixed part, and a list of (code, value); `tail` is what stands behind the last option."""

    def __init__(self, payload):
        self.fixed = bytearray(payload[:236])
        self.options = []
        self.tail = b'\xff'
        self.cookie = COOKIE
        at = 240
        while at < len(payload) and payload[at] != 255:
            if payload[at] == 0:
                at += 1
                continue
            size = payload[at + 1]
            self.options.append((payload[at], bytes(payload[at + 2:at + 2 + size])))
            at += 2 + size

    def has(self, code):
        return any(option == code for option, _ in self.options)

    def get(self, code):
        return next(value for option, value in self.options if option == code)

    def put(self, code, *values):
        """Each value is an instance, where the first one was or behind the others."""
        places = [i for i, (option, _) in enumerate(self.options) if option == code]
        at = places[0] if places else len(self.options)
        self.options = [pair for pair in self.options if pair[0] != code]
        self.options[at:at] = [(code, value) for value in values]

    def cut(self, code):
        self.options = [pair for pair in self.options if pair[0] != code]

    def payload(self):
        return bytes(self.fixed) + self.cookie + encode(self.options) + self.tail


def encode(options):
    return b''.join(bytes([code, len(value)]) + value for code, value in options)


RULES = []


def rule(row):
    def add(function):
        RULES.append((row, function.__name__, function))
        return function
    return add


def each(row, name, values, change):
    """One rule for each of the values."""
    for value in values:
        def apply(request, value=value):
            change(request, value)
        RULES.append((row, f'{name} {value!r}'[:50], apply))


@rule('as it came')
def unchanged(request):
    pass


# ---- padding ----

each('padding behind End', 'zeros', (1, 60, 201), lambda r, n: setattr(r, 'tail', b'\xff' + bytes(n)))
each('0xff behind End', 'ff', (1, 40, 200), lambda r, n: setattr(r, 'tail', b'\xff' * (n + 1)))
each('garbage behind End', 'bytes', (b'\x00\x01', b'\x07garbage', b'\x0c\xf0', b'\x35\x01\x03\xff'),
     lambda r, b: setattr(r, 'tail', b'\xff' + b))
each('no End', 'then', (b'', bytes(1), bytes(64)), lambda r, b: setattr(r, 'tail', b))


@rule('Pad between options')
def pads(request):
    body = b'\0\0'.join(encode([pair]) for pair in request.options)
    request.options, request.tail = [], bytes(3) + body + b'\0\xff'


# ---- order ----

@rule('order of options')
def reversed_order(request):
    request.options.reverse()


@rule('order of options')
def type_last(request):
    request.options.sort(key=lambda pair: pair[0] == 53)


def shuffle(request, seed):
    random.Random(seed).shuffle(request.options)


each('order of options', 'shuffled', (1, 2, 3), shuffle)


# ---- split, doubled, missing, of odd length ----

def split(request, code):
    value = request.get(code) if request.has(code) else b'\x04iPXE'
    middle = max(1, len(value) // 2)
    request.put(code, value[:middle], value[middle:])


def split_apart(request, code):
    """The second half behind all others."""
    value = request.get(code) if request.has(code) else b'\x04iPXE'
    request.put(code, value[:1])
    request.options.append((code, value[1:]))


def double(request, code):
    if request.has(code):
        request.options.append((code, request.get(code)))
    else:
        request.put(code, b'\x01\x00', b'\x01\x00')


def cut(request, code):
    request.cut(code)


each('an option in two instances (RFC 3396)', 'option', (55, 60, 61, 77, 93, 97), split)
each('the halves far apart', 'option', (55, 60, 77), split_apart)
each('an option twice', 'option', (53, 55, 57, 60, 61, 77, 93, 94, 97), double)
each('an option is missing', 'option', (55, 57, 61, 77, 93, 94, 97), cut)
each('no vendor class: no boot', 'option', (60,), cut)


def resize(request, change):
    code, size = change
    value = request.get(code) if request.has(code) else b''
    request.put(code, (value + bytes(size))[:size])


each('an option of odd length', 'option, length',
     ((57, 1), (57, 3), (61, 1), (61, 2), (77, 1), (93, 1), (93, 3), (94, 2), (97, 1), (97, 16),
      (55, 1)), resize)
each('an option without a value', 'option', ((57, 0), (61, 0), (77, 0), (93, 0), (97, 0), (12, 0)),
     resize)


# ---- overload (RFC 2132 section 9.3) ----

def overload(request, moved, value, order=(FILE,)):
    """Options `moved` go into file or sname, as many as fit, and option 52 says so."""
    sizes = {FILE: 128, SNAME: 64}
    request.options, taken = ([pair for pair in request.options if pair[0] not in moved],
                              [pair for pair in request.options if pair[0] in moved])
    for field in order:
        content = b''
        while taken and len(content) + 2 + len(taken[0][1]) + 1 <= sizes[field]:
            content += encode([taken.pop(0)])
        request.fixed[field:field + sizes[field]] = (content + b'\xff').ljust(sizes[field], b'\0')
    request.options = [(52, bytes([value]))] + request.options + taken


each('options in file', 'moved', ((53,), (60,), (53, 60), (93, 94, 97)),
     lambda r, codes: overload(r, codes, 1))
each('options in sname', 'moved', ((53,), (60,)), lambda r, codes: overload(r, codes, 2, (SNAME,)))
each('options in file and sname', 'moved', ((53, 60, 93, 94, 97),),
     lambda r, codes: overload(r, codes, 3, (FILE, SNAME)))


@rule('overloaded field without a zero')
def full_file(request):
    overload(request, (53,), 1)
    request.fixed[FILE + 3:FILE + 128] = bytes([12, 122]) + b'h' * 122 + b'\xff'


# ---- the fixed part ----

def fill(request, fields):
    for at, size in fields:
        request.fixed[at:at + size] = b'x' * size


each('sname or file without a zero', 'at, size', (((SNAME, 64),), ((FILE, 128),),
                                                  ((SNAME, 64), (FILE, 128))), fill)
each('flags', 'flags', (0x0000, 0x8000, 0x8001, 0x7fff),
     lambda r, n: r.fixed.__setitem__(slice(FLAGS, FLAGS + 2), struct.pack('>H', n)))
each('secs', 'secs', (0, 4, 0x0400, 0xffff),
     lambda r, n: r.fixed.__setitem__(slice(8, 10), struct.pack('>H', n)))
each('hops without a relay', 'hops', (1, 3, 16), lambda r, n: r.fixed.__setitem__(HOPS, n))


@rule('InfiniBand: no hardware address')
def infiniband(request):
    request.fixed[HTYPE], request.fixed[HLEN] = 32, 0
    request.put(61, bytes([255, 0, 0, 0, 1, 0, 2, 0, 0, 2, 201]) + bytes(request.fixed[28:34]))
    request.fixed[CHADDR:CHADDR + 16] = bytes(16)
    request.fixed[FLAGS] = 0x80


each('hardware type', 'htype', (6, 7, 32, 255), lambda r, n: r.fixed.__setitem__(HTYPE, n))


@rule('hardware address of 16 bytes')
def long_address(request):
    request.fixed[HLEN] = 16


# ---- what nobody understands ----

@rule('op says reply')
def is_reply(request):
    request.fixed[0] = 2


@rule('a broken packet')
def hardware_address_too_long(request):
    request.fixed[HLEN] = 17


@rule('a broken packet')
def no_cookie(request):
    request.cookie = bytes([99, 130, 83, 98])


@rule('no message type: BOOTP')
def no_type(request):
    request.cut(53)


each('the last option runs over the end', 'then', (b'\x0c\x08abc', b'\x0c\xff', b'\x0c'),
     lambda r, b: setattr(r, 'tail', b))


# ---- relays ----

def relay(request, information=()):
    request.fixed[GIADDR:GIADDR + 4] = RELAY
    request.fixed[HOPS] = 1
    for value in information:
        request.options.append((82, value))


CIRCUIT = b'\x01\x04eth0'
REMOTE = b'\x02\x02hq'
each('relayed', 'information',
     ((), (CIRCUIT,), (CIRCUIT + REMOTE,), (CIRCUIT, REMOTE), (b'\x09\x00',), (bytes([1, 200]) + bytes(200),)),
     relay)


@rule('relayed')
def relay_without_end(request):
    relay(request, (CIRCUIT,))
    request.tail = b''


@rule('relayed')
def relay_pads_with_ff(request):
    """BDCOM's optical line terminals do."""
    relay(request, (CIRCUIT,))
    request.tail = b'\xff' * 60


@rule('relayed')
def end_before_the_information(request):
    """The relay appended behind the client's End."""
    relay(request)
    request.tail = b'\xff' + encode([(82, CIRCUIT)]) + b'\xff'


def make(bases):
    """[(row, name, payload)] of all rules for all bases, each with an xid and an address of its
    own: the last two bytes of the address are the request's number."""
    made = []
    for base, payload in bases:
        for row, name, change in RULES:
            request = Request(payload)
            number = len(made) + 1
            request.fixed[4:8] = struct.pack('>I', 0x0D000000 + number)
            request.fixed[CHADDR:CHADDR + 6] = bytes([0x52, 0x54, 0x0D, 0]) + struct.pack('>H', number)
            if request.has(61):
                request.put(61, b'\x01' + bytes(request.fixed[CHADDR:CHADDR + 6]))
            change(request)
            made.append((row, f'{base}: {name}', request.payload()))
    return made
