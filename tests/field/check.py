#!/usr/bin/env python3
"""Holds the replay of each case of cases.json against what it says; test_field.sh runs it.

check.py WDSPXECTL_EXE STATICPXE_DLL
"""
import json
import os
import subprocess
import sys
import tempfile

FIELD = os.path.dirname(os.path.abspath(__file__))


def windows(path):
    return 'Z:' + path.replace('/', '\\')


def values(packet):
    """Members and fields of a request or reply by name; a field in a field is 43/2."""
    found = {name: value for name, value in packet.items() if name != 'fields'}

    def add(fields, prefix):
        for field in fields:
            if 'remark' in field:
                continue
            found.setdefault(prefix + field['id'], field['value'])
            add(field.get('parts', []), prefix + field['id'] + '/')

    add(packet['fields'], '')
    return found


def configuration(case, folder):
    """NAME.ini, or for "many COUNT" a file with so many machines and the client's own as the last."""
    if not case['ini'].startswith('many '):
        return os.path.join(FIELD, case['ini'] + '.ini')
    path = os.path.join(folder, 'many.ini')
    with open(path, 'w', encoding='ascii') as out:
        out.write('[default]\nfile=bios.0\n')
        for i in range(int(case['ini'].split()[1])):
            out.write(f'[mac:52-54-01-{i >> 16:02x}-{i >> 8 & 255:02x}-{i & 255:02x}]\n'
                      f'file=lab{i}.0\n')
        out.write('[mac:52-54-00-77-00-01]\nfile=mine.0\n')
    return path


def replayed(program, provider, case, folder):
    """Exit code and exchanges, by the tool's JSON. Output goes to a file: a wineserver would keep a pipe."""
    path = os.path.join(folder, 'out.json')
    with open(path, 'wb') as out:
        code = subprocess.run(
            ['wine', program, 'replay', windows(provider), windows(f'{FIELD}/{case["name"]}.pcap'),
             '--set', 'ConfigFile=' + windows(configuration(case, folder)), '--local', case['local'],
             '--json'], stdin=subprocess.DEVNULL, stdout=out, check=False, timeout=300).returncode
    with open(path, encoding='utf-8', errors='replace') as lines:
        told = [line for line in lines if line.strip()]
    if not all(line.startswith('{') for line in told):
        return f'{code}, it says: {" ".join(told[:3]).strip()!r}', []
    events = map(json.loads, told)
    return code, [event for event in events if event['event'] == 'exchange']


def compare(what, wanted, got):
    for name, value in wanted.items():
        if got.get(name) != value:
            yield f'{what}: {name}: expected {value!r}, got {got.get(name)!r}'


def problems_of(wanted, exchange):
    if 'mac' in wanted:
        yield from compare('client', {'mac': wanted['mac']}, exchange)
    if 'architectures' in wanted:
        names = [architecture['name'] for architecture in exchange['architectures']]
        yield from compare('client', {'architectures': wanted['architectures']},
                           {'architectures': names})
    if 'repaired' in wanted:
        repaired = exchange['request']['repaired']
        yield from compare('request', {'repaired': wanted['repaired']},
                           {'repaired': repaired and repaired['how']})
    yield from compare('request', wanted.get('request', {}), values(exchange['request']))
    if len(exchange['replies']) != 1:
        yield f'{len(exchange["replies"])} replies: {exchange["no_answer_reason"]}'
        return
    yield from compare('reply', wanted['reply'], values(exchange['replies'][0]))


def check(program, provider, case, folder):
    code, exchanges = replayed(program, provider, case, folder)
    if code != 0:
        yield f'exit code {code}'
    if len(exchanges) != len(case['exchanges']):
        yield f'{len(exchanges)} exchanges, expected {len(case["exchanges"])}'
    for number, (wanted, exchange) in enumerate(zip(case['exchanges'], exchanges), 1):
        for problem in problems_of(wanted, exchange):
            yield f'request {number}: {problem}'


def main(program, provider):
    failed = 0
    with open(os.path.join(FIELD, 'cases.json'), encoding='utf-8') as file:
        cases = json.load(file)['cases']
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            problems = list(check(program, provider, case, folder))
            failed += bool(problems)
            for problem in problems:
                print(f'FAIL: {case["name"]}: {problem} ({case["why"]})')
    print(f'{len(cases) - failed} cases as they should be, {failed} not')
    return 1 if failed else 0


sys.exit(main(*sys.argv[1:]))
