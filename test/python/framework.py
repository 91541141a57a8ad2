#!/usr/bin/env python3
"""A framework in plain Python, written from the recordings of a Mesos master: it knows nothing of the agent that it talks to.

usage: framework.py HOST PORT     (a token in SLIPWAY_TOKEN)

Launches ten tasks, hears of them, loses its connection, comes back, asks what became of them, kills them and goes.
Says each step on stderr, and what it has seen as JSON on stdout. Ends with 0 if all was as it must be.
"""
import http.client
import json
import os
import socket
import sys

PATH = '/api/v1/scheduler'
PATIENCE_S = 60
TASKS = 10
TERMINAL = {'TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED', 'TASK_ERROR', 'TASK_LOST', 'TASK_DROPPED', 'TASK_GONE'}


class Framework:
    def __init__(self, host, port, token):
        self.address = (host, port)
        self.headers = {'Content-Type': 'application/json', 'Accept': 'application/json'}
        if token:
            self.headers['Authorization'] = 'Bearer ' + token
        self.info = {
            'user': 'root', 'name': 'plain-python', 'failover_timeout': 60.0,
            'capabilities': [{'type': 'PARTITION_AWARE'}, {'type': 'TASK_KILLING_STATE'}],
        }
        self.id = None
        self.stream = None
        self.stream_id = None
        self.states = {}
        self.seen_uuids = set()
        self.answers = []
        self.heard = []

    def subscribe(self):
        """Answers the first event, and keeps the connection open."""
        call = {'type': 'SUBSCRIBE', 'subscribe': {'framework_info': self.info}}
        if self.id:
            self.info['id'] = call['framework_id'] = {'value': self.id}
        connection = http.client.HTTPConnection(*self.address, timeout=PATIENCE_S)
        connection.connect()
        self.socket = connection.sock          # http.client gives it away once it has the answer's headers
        connection.request('POST', PATH, json.dumps(call), self.headers)
        self.stream = connection.getresponse()
        check(self.stream.status == 200, 'SUBSCRIBE is answered with 200, not %d' % self.stream.status)
        self.stream_id = self.stream.getheader('Mesos-Stream-Id')
        check(self.stream_id, 'the answer to SUBSCRIBE has a Mesos-Stream-Id')
        first = self.next_event()
        if first['type'] == 'SUBSCRIBED':
            self.id = first['subscribed']['framework_id']['value']
        return first

    def cut_off(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.stream.close()
        self.socket.close()

    def next_event(self):
        """A record: its length, a newline, that many bytes. None at the end of the stream."""
        line = self.stream.readline()
        if not line:
            return None
        record = self.stream.read(int(line))
        event = json.loads(record)
        self.heard.append(event['type'])
        return event

    def call(self, kind, **parts):
        """On a connection of its own, as the API wants it. Answers the status."""
        connection = http.client.HTTPConnection(*self.address, timeout=PATIENCE_S)
        body = {'type': kind, 'framework_id': {'value': self.id}, **parts}
        connection.request('POST', PATH, json.dumps(body), {**self.headers, 'Mesos-Stream-Id': self.stream_id})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status

    def act(self, kind, **parts):
        status = self.call(kind, **parts)
        check(status == 202, '%s is answered with 202, not %d' % (kind, status))

    def until(self, is_done, what):
        """Hears events until the condition holds, and acknowledges what wants to be acknowledged."""
        while not is_done():
            event = self.next_event()
            check(event is not None, 'the stream goes on until %s' % what)
            check(event['type'] != 'ERROR', 'no error comes before %s: %s' % (what, event))
            if event['type'] == 'UPDATE':
                self.keep(event['update']['status'])
            elif event['type'] == 'OFFERS':
                self.offer = event['offers']['offers'][0]

    def keep(self, status):
        task_id = status['task_id']['value']
        if 'uuid' not in status:
            self.answers.append(status)
            return
        self.act('ACKNOWLEDGE', acknowledge={'agent_id': status['agent_id'], 'task_id': status['task_id'], 'uuid': status['uuid']})
        if status['uuid'] not in self.seen_uuids:
            self.seen_uuids.add(status['uuid'])
            self.states.setdefault(task_id, []).append(status['state'])

    def last(self, task_id):
        return self.states.get(task_id, [None])[-1]


def check(holds, what):
    if not holds:
        raise SystemExit('not so: ' + what)


def say(text):
    print(text, file=sys.stderr, flush=True)


def scalar(name, value):
    return {'name': name, 'type': 'SCALAR', 'scalar': {'value': value}}


def task_info(task_id, offer, command):
    return {
        'name': task_id, 'task_id': {'value': task_id}, 'agent_id': offer['agent_id'],
        'resources': [scalar('cpus', 0.1), scalar('mem', 32.0)],
        'command': {'shell': True, 'value': command},
        'container': {'type': 'DOCKER', 'docker': {'image': 'busybox:latest', 'network': 'HOST'}},
        'kill_policy': {'grace_period': {'nanoseconds': 1000000000}},
    }


def launch(framework):
    """Two end by themselves, the others wait to be killed."""
    framework.offer = None
    framework.until(lambda: framework.offer, 'an offer comes')
    task_ids = ['python-%d' % number for number in range(TASKS)]
    infos = [task_info(task_id, framework.offer, 'true' if number < 2 else 'sleep 600') for number, task_id in enumerate(task_ids)]
    framework.act('ACCEPT', accept={
        'offer_ids': [framework.offer['id']], 'filters': {'refuse_seconds': 0.0},
        'operations': [{'type': 'LAUNCH', 'launch': {'task_infos': infos}}],
    })
    framework.until(lambda: all(framework.last(task_id) == 'TASK_FINISHED' for task_id in task_ids[:2]) and
                    all(framework.last(task_id) == 'TASK_RUNNING' for task_id in task_ids[2:]), 'two tasks have ended and eight run')
    return task_ids


def reconcile(framework, running):
    framework.answers.clear()
    framework.act('RECONCILE', reconcile={'tasks': []})
    framework.until(lambda: len(framework.answers) >= len(running), 'all tasks are reconciled')
    check(sorted(status['task_id']['value'] for status in framework.answers) == sorted(running), 'those that run are told, and no others')
    check(all(status['state'] == 'TASK_RUNNING' and status['reason'] == 'REASON_RECONCILIATION' for status in framework.answers), 'they run')
    framework.answers.clear()
    agent_id = framework.offer['agent_id']
    framework.act('RECONCILE', reconcile={'tasks': [{'task_id': {'value': running[0]}}, {'task_id': {'value': 'nobody'}, 'agent_id': agent_id}]})
    framework.until(lambda: len(framework.answers) >= 2, 'both are told')
    check([status['state'] for status in framework.answers] == ['TASK_RUNNING', 'TASK_GONE'], 'one runs, one is gone')


def main():
    framework = Framework(sys.argv[1], int(sys.argv[2]), os.environ.get('SLIPWAY_TOKEN'))
    check(framework.subscribe()['type'] == 'SUBSCRIBED', 'it is let in')
    first_id, first_stream = framework.id, framework.stream_id
    say('subscribed as ' + first_id)

    task_ids = launch(framework)
    running = task_ids[2:]
    say('ten tasks launched')

    framework.cut_off()
    check(framework.subscribe()['type'] == 'SUBSCRIBED', 'it is let in again')
    check(framework.id == first_id and framework.stream_id != first_stream, 'with its id and another stream')
    fresh, framework.stream_id = framework.stream_id, first_stream
    check(framework.call('REVIVE') == 400, 'the old stream id counts no more')
    framework.stream_id = fresh
    say('failed over')

    reconcile(framework, running)
    say('reconciled')

    for task_id in running:
        framework.act('KILL', kill={'task_id': {'value': task_id}})
    framework.until(lambda: all(framework.last(task_id) in TERMINAL for task_id in running), 'all are killed')
    for task_id in running:
        expected = ['TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING', 'TASK_KILLED']
        check(framework.states[task_id] == expected, '%s went through %s, not %s' % (task_id, expected, framework.states[task_id]))
    say('killed')

    framework.act('TEARDOWN')
    while framework.next_event() is not None:
        pass
    check(framework.subscribe() == {'type': 'ERROR', 'error': {'message': 'Framework has been removed'}}, 'it cannot come back')
    say('torn down')
    print(json.dumps({'framework_id': first_id, 'states': framework.states, 'events': {kind: framework.heard.count(kind) for kind in set(framework.heard)}}))


if __name__ == '__main__':
    main()
