#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients of rbd-rest that curl cannot be: many at once, slow ones, broken ones.

clients.py many N EACH METHOD PATH...  N connections at once, each EACH requests (5s: for 5 seconds) over the paths in
                                       turn, in which {} is CLIENT-TIME and {n} CLIENT; METHOD -: it stands before each
                                       path. Prints "status count" lines and the
                                       latencies' median and 99th percentile
clients.py life N                      N at once: each makes an image of its own, life-NUMBER, asks for its info and
                                       allocation, doubles it and, with an even number, deletes it. Prints "METHOD
                                       status count" lines, sizes that were wrong as "size"
clients.py keep N SECONDS PATH         N connections that are kept alive and ask now and then, until the server ends
                                       them; prints the statuses; fails where one still lives after SECONDS
clients.py poll N FILE PATH...         N clients that ask for the paths in turn until SIGTERM; a line in FILE for each
                                       answer: begin (seconds since 1970), path, status, body, end, with tabs between
clients.py slow N SECONDS              N connections that send a byte a second; prints how many are open at the end
clients.py hold N PATH                 N connections of one address that say nothing; prints how many are open, and what
                                       another address is answered meanwhile
clients.py broken                      requests that are none; prints "ok" where each was refused or closed
"""
import base64
import collections
import http.client
import itertools
import json
import os
import random
import signal
import socket
import sys
import threading
import time

HOST, PORT = '127.0.0.1', int(os.environ.get('PORT', 8080))
AUTH = {'Authorization': 'Basic ' + base64.b64encode(b'root:root').decode()}


def many(count, each, method, *paths):
    lock, statuses, times = threading.Lock(), collections.Counter(), []
    start = threading.Barrier(count)

    def client(number):
        mine = []
        connection = http.client.HTTPConnection(HOST, PORT, timeout=90)
        start.wait()
        end = time.monotonic() + int(each[:-1]) if isinstance(each, str) else None
        for i in itertools.count() if end else range(each):
            begin = time.monotonic()
            if end and begin > end:
                break
            path = paths[(number + i) % len(paths)].replace('{}', f'{number}-{i}').replace('{n}', str(number))
            verb, path = path.split(' ') if method == '-' else (method, path)
            try:
                connection.request(verb, path, headers=AUTH)
                answer = connection.getresponse()
                answer.read()
                mine.append((str(answer.status), time.monotonic() - begin))
            except (OSError, http.client.HTTPException) as error:
                mine.append((type(error).__name__, time.monotonic() - begin))
                connection.close()
        connection.close()
        with lock:
            for status, seconds in mine:
                statuses[status] += 1
                times.append(seconds)

    threads = [threading.Thread(target=client, args=(n,)) for n in range(count)]
    begin = time.monotonic()
    run_all(threads)
    seconds = time.monotonic() - begin
    for status, number in sorted(statuses.items()):
        print(status, number)
    times.sort()
    print(f'median {times[len(times) // 2] * 1000:.1f} ms, p99 {times[len(times) * 99 // 100] * 1000:.1f} ms, '
          f'{len(times) / seconds:.0f} requests/s')


def life(count):
    lock, statuses = threading.Lock(), collections.Counter()
    start = threading.Barrier(count)

    def client(number):
        mine = []
        connection = http.client.HTTPConnection(HOST, PORT, timeout=200)

        def ask(method, path, size=None):
            try:
                connection.request(method, path, headers=AUTH)
                answer = connection.getresponse()
                body = answer.read()
                mine.append(f'{method} {answer.status}')
                if size is not None and answer.status < 300 and json.loads(body)['size'] != size:
                    mine.append(f'{method} size')
            # a body that is no JSON, or has no size, is counted as well
            except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
                mine.append(f'{method} {type(error).__name__}')
                connection.close()

        start.wait()
        image = f'poolName=kube&imageName=life-{number}'
        ask('POST', f'/v1/image?{image}&size=4Mi', 4 << 20)
        ask('GET', f'/v1/image/info?{image}', 4 << 20)
        ask('GET', f'/v1/image/allocation?{image}', 4 << 20)
        ask('PUT', f'/v1/image?{image}&size=8Mi', 8 << 20)
        if number % 2 == 0:
            ask('DELETE', f'/v1/image?{image}')
        connection.close()
        with lock:
            statuses.update(mine)

    run_all([threading.Thread(target=client, args=(n,)) for n in range(count)])
    for status, number in sorted(statuses.items()):
        print(status, number)


def run_all(threads):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def keep(count, seconds, path):
    lock, statuses = threading.Lock(), collections.Counter()
    end = time.monotonic() + seconds

    def client():
        connection = http.client.HTTPConnection(HOST, PORT, timeout=seconds)
        connection.connect()
        connection.auto_open = 0
        try:
            while time.monotonic() < end:
                connection.request('GET', path, headers=AUTH)
                answer = connection.getresponse()
                answer.read()
                with lock:
                    statuses[answer.status] += 1
                time.sleep(random.random() * 0.05)
        except (OSError, http.client.HTTPException):
            return
        with lock:
            statuses['alive'] += 1

    threads = [threading.Thread(target=client) for _ in range(count)]
    run_all(threads)
    print(*sorted(map(str, statuses)))
    sys.exit(1 if statuses['alive'] else 0)


def poll(count, file, *paths):
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())

    def client(number, log):
        connection = http.client.HTTPConnection(HOST, PORT, timeout=90)
        # each begins elsewhere, so that all of them are asked for all the time
        for i in itertools.count(number * len(paths) // count):
            if over.is_set():
                break
            path, begin = paths[i % len(paths)], time.time()
            try:
                connection.request('GET', path, headers=AUTH)
                answer = connection.getresponse()
                body, status = answer.read().decode(), answer.status
            except (OSError, http.client.HTTPException) as error:
                body, status = str(error), type(error).__name__
                connection.close()
            # one write: no line is torn, and who reads meanwhile sees it
            os.write(log, f'{begin:.6f}\t{path}\t{status}\t{body.strip()}\t{time.time():.6f}\n'.encode())
        connection.close()

    log = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    run_all([threading.Thread(target=client, args=(n, log)) for n in range(count)])


def is_open(connection):
    try:
        return connection.recv(4096) != b''
    except BlockingIOError:
        return True
    except OSError:
        return False


def slow(count, seconds):
    connections = [socket.create_connection((HOST, PORT)) for _ in range(count)]
    for connection in connections:
        connection.setblocking(False)
    text = b'GET /v1/pool HTTP/1.1\r\nHost: a\r\nX-Long: ' + b'a' * 10000
    for i in range(seconds):
        for connection in connections:
            try:
                connection.send(text[i:i + 1])
            except OSError:
                pass
        time.sleep(1)
    print(sum(map(is_open, connections)))


def hold(count, path):
    connections = []
    for _ in range(count):
        try:
            connections.append(socket.create_connection((HOST, PORT), timeout=5))
        except OSError:
            pass
    time.sleep(1)
    for connection in connections:
        connection.setblocking(False)
    held = sum(map(is_open, connections))
    other = http.client.HTTPConnection(HOST, PORT, timeout=5, source_address=('127.0.0.2', 0))
    try:
        other.request('GET', path, headers=AUTH)
        print(held, other.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        print(held, type(error).__name__)


BROKEN = [
    b'\r\n\r\n\r\n', b'\0\0\0\0', b'GET\r\n\r\n', b'GET / HTTP/9.9\r\n\r\n', b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    b'GET ' + b'/a' * 40000 + b' HTTP/1.1\r\nHost: a\r\n\r\n',
    b'GET /healthz HTTP/1.1\r\nHost: a\r\n' + b'X: ' + b'y' * 100000 + b'\r\n\r\n',
    b'GET /healthz HTTP/1.1\r\nHost: a\r\n' + b'X: y\r\n' * 20000 + b'\r\n',
    b'POST /v1/pool HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n',
    b'POST /v1/pool HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n',
    b'POST /v1/pool HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    b'POST /v1/pool HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n',
    b'POST /v1/pool HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nname=a',
    # what proxies and servers read differently: smuggled requests
    b'POST /v1/pool HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nname=a',
    b'POST /v1/pool HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nContent-Length: 7\r\n\r\nname=ab',
    b'POST /v1/pool HTTP/1.1\r\nHost: a\r\nX: y\r\n Content-Length: 6\r\n\r\nname=a',
    b'GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n', b'GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n', b'GET http://[::/ HTTP/1.1\r\nHost: a\r\n\r\n',
    b'G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n',
]


def broken():
    for request in BROKEN:
        with socket.create_connection((HOST, PORT)) as connection:
            connection.settimeout(20)
            answer = b''
            try:
                connection.sendall(request)
                connection.shutdown(socket.SHUT_WR)
                while part := connection.recv(65536):
                    answer += part
            except OSError:
                pass
            if answer and answer[9:10] not in (b'4', b'5'):
                sys.exit(f'{request[:40]!r}: {answer[:60]!r}')
    print('ok')


if __name__ == '__main__':
    words = [int(word) if word.isdigit() else word for word in sys.argv[2:]]
    {'many': many, 'life': life, 'keep': keep, 'poll': poll, 'slow': slow, 'hold': hold, 'broken': broken}[sys.argv[1]](*words)
