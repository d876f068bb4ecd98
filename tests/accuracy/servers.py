# SPDX-License-Identifier: Apache-2.0
"""Makes up long server programs whose sockets, requests and addresses are recycled at once.

A Server is a simulation with a clock of 100 ns ticks: two processes at equal user addresses, each
with threads, connections and a pool of user buffers that hands out what came back last. Kernel
addresses, request numbers and socket addresses are recycled in the same way. Calls complete at
once, would block, or wait; what waits ends with data, is cancelled (by a close or without one, with
or without a traced end), or is ended by an abort. No user buffer is given out before its call has ended, unless
a defect is injected: then a second call gets memory in which another one waits, and the pair is
kept as what a checker must find. The events come from a calls.Layout.
"""

import heapq
import random

import calls

TICKS_PER_US = 10
START = 1_000_000
POOL_BASE = 0x1a2b3c40000
POOL_SLOT = 0x2000
SCRATCH_BASE = 0x1a2b0000000
ENDPOINT_BASE = 0xffffb00000001000
PROCESSES = (0xffffa00000001000, 0xffffa00000002000)
LISTENERS = (0xffffbf0000001000, 0xffffbf0000002000)
SIZES = (64, 512, 1500, 4096, 8192)
PROCESSORS = 4
KINDS = ("buffered", "buffered", "buffered", "zero", "poll", "datagram", "duplex", "ahead")


class Recycled:
    """Numbers of which the one that came back last is given out first."""

    def __init__(self, first, step):
        self.free, self.next, self.step = [], first, step

    def take(self):
        if self.free:
            return self.free.pop()
        self.next += self.step
        return self.next - self.step

    def give_back(self, number):
        self.free.append(number)


class Process:
    """One life of a process; a restart makes a new one at the same addresses."""

    def __init__(self, number, pid, threads):
        self.number, self.pid, self.address = number, pid, PROCESSES[number]
        self.pool = Recycled(POOL_BASE, POOL_SLOT)
        self.threads = [Thread(pid + 4 * (i + 1), (number * threads + i) % PROCESSORS,
                               SCRATCH_BASE + POOL_SLOT * i) for i in range(threads)]
        self.alive, self.ends_at, self.in_flight = True, None, []


class Thread:
    def __init__(self, tid, processor, scratch):
        self.tid, self.processor, self.scratch, self.free_at = tid, processor, scratch, 0


class Connection:
    """A socket of a process: its kind says how it works, `rounds` how many requests it serves."""

    def __init__(self, process, endpoint, kind, rounds):
        self.process, self.endpoint, self.kind, self.rounds = process, endpoint, kind, rounds
        self.waiting = 0
        self.closed = self.recycled = False


class Pending:
    """A call that waits: whose it is, its memory, and how it will end."""

    def __init__(self, call, connection, slots, at):
        self.call, self.connection, self.slots, self.at = call, connection, slots, at
        self.ends_at = None  # of a traced end
        self.address, self.length = int(call.keys["buffer"], 0), int(call.keys["len"])


class Slot:
    """A user buffer of a pool; several calls hold it only where a defect was injected."""

    def __init__(self, pool, address):
        self.pool, self.address, self.holders = pool, address, 1

    def release(self):
        self.holders -= 1
        if self.holders == 0:
            self.pool.give_back(self.address)


class Server:
    """The simulation. `steps` are (ticks, processor, a Call, an end or a text of an event)."""

    def __init__(self, seed, posts, defects=0):
        self.random = random.Random(seed)
        self.posts_left, self.defects_left = posts, defects
        self.defect_every = max(1, posts // (defects + 1))
        self.queue, self.sequence, self.steps, self.injected = [], 0, [], []
        self.kernel = Recycled(calls.KERNEL_BASE, calls.KERNEL_STEP)
        self.requests, self.endpoints = Recycled(101, 1), Recycled(ENDPOINT_BASE, 0x400)
        self.posts, self.next_pid = 0, 4120
        self.processes = []
        for number in range(len(PROCESSES)):
            self.start_process(START, number)
        self.run()

    # The clock.

    def later(self, at, process, action, *arguments):
        self.sequence += 1
        heapq.heappush(self.queue, (at, self.sequence, process, action, arguments))

    def run(self):
        while self.queue:
            at, _, process, action, arguments = heapq.heappop(self.queue)
            if process is None or process.alive:
                action(at, *arguments)
        self.steps.sort(key=lambda step: step[0])

    def pick_us(self, low, high):
        return self.random.randrange(low, high) * TICKS_PER_US + self.random.randrange(10)

    # Processes.

    def start_process(self, at, number):
        pid = self.next_pid
        self.next_pid += 400
        process = Process(number, pid, 4)
        self.processes.append(process)
        self.text(at, 0, f"process.start process={process.address:#x} target={pid} "
                         "image=server.exe")
        for i in range(12):
            self.later(at + 500 + 100 * i, process, self.connect, process)
        if number == 1:  # the first process lives throughout
            process.ends_at = at + self.pick_us(100_000, 400_000)
            self.later(process.ends_at, None, self.restart, process)
        self.later(at + 400, process, self.listen, process)

    def restart(self, at, process):
        """The process begins nothing new, and ends when its threads have made their last calls."""
        if self.posts_left > 0:
            process.alive = False
            busy_until = max(thread.free_at for thread in process.threads)
            self.later(max(at, busy_until) + 200, None, self.replace, process)

    def replace(self, at, process):
        """The process ends with calls waiting; a new one gets its addresses at once."""
        for pending in process.in_flight:
            self.kernel.give_back(pending.call.kernel)
            self.requests.give_back(pending.call.request)
        self.text(at, 0, f"process.end process={process.address:#x} target={process.pid} "
                         "image=server.exe")
        self.start_process(at + 500, process.number)

    # Events that are no calls.

    def text(self, at, processor, text):
        self.steps.append((at, processor, text))

    def plain(self, at, thread, process, what, endpoint, more=""):
        self.text(at, thread.processor if thread else self.random.randrange(PROCESSORS),
                  f"{what} process={process.address:#x} endpoint={endpoint:#x} "
                  f"pid={process.pid if thread else 0} tid={thread.tid if thread else 0}{more}")

    def thread_of(self, process, at, busy_us):
        """A thread that runs next, and the moment at which it does; then it is busy for a while."""
        thread = min(process.threads, key=lambda t: (max(t.free_at, at), self.random.random()))
        at = max(at, thread.free_at) + self.random.randrange(1, 40)
        thread.free_at = at + busy_us * TICKS_PER_US
        return thread, at

    # Connections.

    def connect(self, at, process):
        if self.posts_left <= 0:
            return
        thread, at = self.thread_of(process, at, 4)
        kind = self.random.choice(KINDS)
        connection = Connection(process, self.endpoints.take(), kind, self.random.randrange(1, 9))
        kinds = "type=2 protocol=17" if kind == "datagram" else "type=1 protocol=6"
        self.plain(at, thread, process, "create.enter", connection.endpoint,
                   f" owner={process.pid} family=2 {kinds}")
        self.later(at + 100, process, self.serve, connection)

    def listen(self, at, process):
        """AcceptEx with memory for the first request; the socket is used when it is accepted."""
        if self.posts_left <= 0:
            return
        thread, at = self.thread_of(process, at, 4)
        connection = Connection(process, self.endpoints.take(), "buffered", 2)
        slot = Slot(process.pool, process.pool.take())
        lis = LISTENERS[process.number]
        self.plain(at, thread, process, "create.enter", connection.endpoint,
                   f" owner={process.pid} family=2 type=1 protocol=6")
        self.plain(at + 10, thread, process, "acceptex.enter", lis,
                   f" buffer={slot.address:#x} len=512 accept={connection.endpoint:#x}")
        self.posts_left -= 1
        self.later(at + self.pick_us(200, 60_000), process, self.accepted, connection, slot)
        if self.random.random() < 0.5:
            self.later(at + self.pick_us(100, 900), process, self.listen, process)

    def accepted(self, at, connection, slot):
        process = connection.process
        self.plain(at, None, process, "acceptex.exit", LISTENERS[process.number])
        thread, at = self.thread_of(process, at + 50, 12)
        self.call(at, thread, connection, "send", slot.address, 400, done=True)
        self.later(at + 80, process, self.release, slot)
        self.later(at + 100, process, self.serve, connection)
        self.later(at + self.pick_us(10, 90), process, self.listen, process)

    def release(self, at, slot):
        del at
        slot.release()

    def serve(self, at, connection):
        """The next step of a connection, in the way of its kind."""
        if connection.closed:
            self.recycle(at, connection)
            return
        if connection.rounds == 0 or self.posts_left <= 0:
            self.close(at, connection)
            return
        connection.rounds -= 1
        {"buffered": self.receive, "zero": self.wait_for_data, "poll": self.poll,
         "datagram": self.ask, "duplex": self.both_ways,
         "ahead": self.receive_ahead}[connection.kind](at, connection)

    def receive(self, at, connection):
        outcome = self.random.random()
        self.transfer(at, connection, "recv", outcome < 0.3, self.answer)

    def answer(self, at, connection):
        self.transfer(at, connection, "send", self.random.random() < 0.6, self.serve)

    def ask(self, at, connection):
        process = connection.process
        thread, at = self.thread_of(process, at, 12)
        self.call(at, thread, connection, "sendto", thread.scratch, 60, done=True)
        self.transfer(at + 200, connection, "recvfrom", self.random.random() < 0.4, self.serve)

    def both_ways(self, at, connection):
        """A receive waits while a send runs, which may run on after the close."""
        self.transfer(at, connection, "send", self.random.random() < 0.5, self.recycle)
        self.transfer(at + 150, connection, "recv", False, self.serve)

    def receive_ahead(self, at, connection):
        """Two receives wait at once, in memory of their own."""
        self.transfer(at, connection, "recv", False, self.recycle)
        self.transfer(at + 150, connection, "recv", False, self.serve)

    def wait_for_data(self, at, connection):
        thread, at = self.thread_of(connection.process, at, 12)
        self.wait(at, thread, connection, "recv", 0, 0, [], self.drain)

    def drain(self, at, connection):
        """Reads into the thread's own memory until the socket would block."""
        thread, at = self.thread_of(connection.process, at, 60)
        for _ in range(self.random.randrange(1, 3)):
            self.call(at, thread, connection, "recv", thread.scratch, 4096, done=True)
            at += 100
        self.call(at, thread, connection, "recv", thread.scratch, 4096, done=False)
        self.call(at + 100, thread, connection, "send", thread.scratch, 100, done=True)
        self.later(at + 300, connection.process, self.serve, connection)

    def poll(self, at, connection):
        """A non-blocking read into memory of all threads, under a lock: one call at a time."""
        process = connection.process
        thread, at = self.thread_of(process, at, 12)
        at = max(at, getattr(process, "lock_free_at", 0)) + 1
        thread.free_at = at + 120
        process.lock_free_at = at + 60
        self.call(at, thread, connection, "recv", SCRATCH_BASE + POOL_SLOT * 100, 8192,
                  done=self.random.random() < 0.5)
        self.later(at + self.pick_us(10, 2_000), process, self.serve, connection)

    def close(self, at, connection):
        if connection.closed:
            return
        connection.closed = True
        thread, at = self.thread_of(connection.process, at, 3)
        self.plain(at, thread, connection.process, "close.enter", connection.endpoint)
        self.plain(at + 9, thread, connection.process, "close.exit", connection.endpoint)
        self.later(at + 20, connection.process, self.recycle, connection)

    def recycle(self, at, connection):
        """A socket's address is free when nothing waits any more; the next one gets it at once."""
        if connection.closed and connection.waiting == 0 and not connection.recycled:
            connection.recycled = True
            self.endpoints.give_back(connection.endpoint)
            self.later(at + self.pick_us(1, 30), connection.process, self.connect,
                       connection.process)

    # Calls.

    def make_call(self, thread, connection, what, buffer, length):
        process = connection.process
        keys = {"buffer": f"{buffer:#x}", "len": str(length), "pid": str(process.pid),
                "tid": str(thread.tid), "process": f"{process.address:#x}",
                "endpoint": f"{connection.endpoint:#x}"}
        if what in ("sendto", "recvfrom"):
            keys["address"] = "10.0.0.9:53"
        self.posts += 1
        self.posts_left -= 1
        return calls.Call(what, keys, "waits")

    def call(self, at, thread, connection, what, buffer, length, *, done):
        """A call that returns at once: with data, or because it would block."""
        call = self.make_call(thread, connection, what, buffer, length)
        call.outcome = "done" if done else "would-block"
        call.done = str(length if call.sends else self.random.randrange(1, length + 1))
        self.steps.append((at, thread.processor, call))
        return call

    def transfer(self, at, connection, what, at_once, then):
        """A call with memory from the pool, or, as a defect, with memory in which one waits."""
        process = connection.process
        thread, at = self.thread_of(process, at, 12)
        victim = self.victim(at, connection, what)
        slot = victim.slots[0] if victim else Slot(process.pool, process.pool.take())
        address, length = slot.address, self.random.choice(SIZES)
        if victim:
            slot.holders += 1
            offset = self.random.randrange(victim.length)
            address, length = victim.address + offset, victim.length - offset
        if at_once:
            call = self.call(at, thread, connection, what, address, length, done=True)
            self.later(at + 80, process, self.release, slot)
            self.later(at + 120, process, then, connection)
        else:
            call = self.wait(at, thread, connection, what, address, length, [slot], then)
        if victim:
            self.injected.append((victim.call, call))

    def victim(self, at, connection, what):
        """A call in flight whose memory the next one is to get, when a defect is due.

        Not one whose thread may post another of its direction on its socket meanwhile: under one
        ActivityId of the thread the later seems to take its place.
        """
        due = self.defects_left and self.posts > self.defect_every * (len(self.injected) + 1)
        if not due:
            return None
        fitting = [p for p in connection.process.in_flight
                   if p.slots and p.slots[0].holders == 1 and p.connection is not connection and
                   p.connection.kind != "ahead" and
                   not (p.connection.kind == "duplex" and p.call.sends) and
                   p.ends_at and p.ends_at > at + 2_000 and p.at + 200 < at and
                   (not p.call.sends or not what.startswith("send")) and
                   (connection.process.ends_at or p.ends_at + 1) > p.ends_at]
        if not fitting:
            return None
        self.defects_left -= 1
        return self.random.choice(fitting)

    def wait(self, at, thread, connection, what, buffer, length, slots, then):
        call = self.make_call(thread, connection, what, buffer, length)
        call.kernel, call.request = self.kernel.take(), self.requests.take()
        self.steps.append((at, thread.processor, call))
        pending = Pending(call, connection, slots, at)
        connection.process.in_flight.append(pending)
        connection.waiting += 1
        self.plan_end(at, pending, then)
        return call

    def plan_end(self, at, pending, then):
        process = pending.connection.process
        ends_at = at + self.pick_us(100, 1_000) * self.random.choice((1, 1, 1, 10, 100))
        fate = self.random.random()
        if fate < 0.83 or pending.call.sends or pending.connection.kind in ("duplex", "ahead"):
            pending.ends_at = ends_at
            self.later(ends_at, process, self.ended, pending, None, then)
        elif fate < 0.85:  # cancelled, and no end is traced
            self.later(ends_at, process, self.cancelled_unseen, pending)
        elif fate < 0.92:  # closed while it waits, and the end is traced
            pending.ends_at = ends_at + 100
            self.later(ends_at, process, self.close_under, pending, "cancelled")
        elif fate < 0.95:  # closed while it waits, and no end is traced
            self.later(ends_at, process, self.close_under, pending, None)
        else:  # reset by the peer
            pending.ends_at = ends_at + 100
            self.later(ends_at, process, self.reset_under, pending)

    def forget(self, pending):
        pending.connection.process.in_flight.remove(pending)
        pending.connection.waiting -= 1
        self.kernel.give_back(pending.call.kernel)
        self.requests.give_back(pending.call.request)
        for slot in pending.slots:
            slot.release()

    def ended(self, at, pending, status, then):
        length = pending.length
        done = "0" if status or not length else str(
            length if pending.call.sends else self.random.randrange(1, length + 1))
        keys = {"status": status} if status else {}
        self.steps.append((at, self.random.randrange(PROCESSORS), (pending.call, done, keys)))
        self.forget(pending)
        self.later(at + self.pick_us(1, 20), pending.connection.process, then, pending.connection)

    def cancelled_unseen(self, at, pending):
        self.forget(pending)
        self.later(at + 50, pending.connection.process, self.serve, pending.connection)

    def recycle_later(self, at, connection):
        self.later(at, connection.process, self.recycle, connection)

    def close_under(self, at, pending, status):
        connection = pending.connection
        connection.closed = True
        thread, at = self.thread_of(connection.process, at, 3)
        self.plain(at, thread, connection.process, "close.enter", connection.endpoint)
        pending.ends_at = at + 100
        self.later(at + 100, connection.process, self.after_close, pending, status)

    def after_close(self, at, pending, status):
        if status:
            self.ended(at, pending, status, self.recycle_later)
        else:
            self.forget(pending)
            self.recycle_later(at + 20, pending.connection)

    def reset_under(self, at, pending):
        connection = pending.connection
        self.plain(at, None, connection.process, "abort.enter", connection.endpoint, " reason=4")
        self.later(at + 100, connection.process, self.ended, pending, "reset", self.close)

    # Events.

    def events(self, layout):
        """(ticks, processor, text, call or None) of everything that Windows logs, in time order."""
        made = []
        for at, processor, step in self.steps:
            if isinstance(step, str):
                made.append((at, processor, step, None))
                continue
            call = step if isinstance(step, calls.Call) else None
            events = layout.call(call) if call else layout.end(*step)
            made += [(at + offset * TICKS_PER_US, processor, text, call)
                     for offset, text in events]
        made.sort(key=lambda event: event[0])
        return made
