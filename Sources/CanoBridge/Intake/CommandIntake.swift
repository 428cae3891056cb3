import CanoBus
import CanoCore
import CanoRedis
import Logging

/// Reads one inbound stream and hands each entry to a task of its own.
///
/// Entries are read only when a slot is free and it is their turn, so what waits does so in Redis, and its length is the backlog. Start
/// commands share the bridge's slots with other work and keep theirs until their run is over. Commands on the control stream have slots of
/// their own, which come free as soon as Redis has answered: it is always read, however busy the bridge is, and a flood of them waits in
/// Redis as well.
struct CommandIntake: Sendable {
    let bus: Bus
    let stream: InboundStream
    let reader: RedisBlockingClient
    let handler: CommandHandler
    let entries: InFlightEntries
    /// The slots its commands take.
    let slots: RunSlots
    /// The slots of the work that goes before its commands; nil where none does.
    var before: RunSlots?
    let engineClock: any EngineClock

    private var key: String { bus.keys.inbound(stream) }

    /// How many commands of the control stream are in hand at a time. An entry may be as long as an input, so this bounds what they take in
    /// memory too.
    static let controlSlots = 32
    /// How long a read waits for entries.
    private static let block: Duration = .milliseconds(2_000)
    /// How long to wait after a read for one slot that found nothing, while other work waits for slots.
    private static let emptyPause: Duration = .milliseconds(50)
    /// How long to wait after a read that failed.
    private static let pause: Duration = .milliseconds(250)
    /// When to look again at an entry that could not be handled, in milliseconds: after as long as it was tried so far,
    /// within these bounds.
    private static let retryDelay: ClosedRange<Int64> = 1_000...30_000
    /// How many pending entries are looked at in one call, and taken up at a time.
    private static let page = 256

    /// Makes the group, from the stream's beginning, unless it is there.
    func makeGroup() async throws(RedisError) {
        _ = try await bus.redis.execute(XGROUP.CREATE(key, BusKeys.group))
    }

    /// Reads until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            do {
                try await readOnce()
            } catch is CancellationError {
                return
            } catch let error as RedisError {
                await recover(from: error)
            } catch {
                bus.logger.error("reading commands failed", metadata: ["stream": "\(key)", "error": "\(error)"])
            }
        }
    }

    private func readOnce() async throws {
        // What workers answer has runs go on: taken soon, it finds them where they were left. New runs in between would keep all of them longer.
        try await before?.goFirst()
        switch try await slots.waitForTurn() {
        case .room(let count):
            for entry in try await read(count, block: Self.block) { dispatch(entry) }
        case .slot:
            let entry: StreamEntry?
            do {
                entry = try await read(1, block: nil).first
            } catch {
                slots.give()
                throw error
            }
            guard let entry else {
                slots.give()
                return try await engineClock.sleep(for: Self.emptyPause)
            }
            if !dispatch(entry, holdsSlot: true) { slots.give() }
        }
    }

    private func read(_ count: Int, block: Duration?) async throws(RedisError) -> [StreamEntry] {
        let read = XREADGROUP(BusKeys.group, bus.bridge, [(key: key, after: nil)], count: count, block: block)
        return try await reader.execute(read).flatMap(\.entries)
    }

    /// Starts work on an entry that was read; false when it is in hand already.
    @discardableResult private func dispatch(_ entry: StreamEntry, holdsSlot: Bool = false) -> Bool {
        guard let since = entries.take(entry.id, now: bus.clock.steady) else { return false }
        // At once where slots are free: the intake looks at what is left before the task has begun.
        if !holdsSlot { slots.announce(.new) }
        let isWaiting = !holdsSlot && !slots.takeAtOnce(.new)
        Task {
            if isWaiting { await slots.take(.new) }
            await handle(entry, firstSeen: since)
        }
        return true
    }

    /// Handles an entry that is in flight and has its slot.
    private func handle(_ entry: StreamEntry, firstSeen since: Int64) async {
        var left: Int64?
        let slot = HeldSlot(of: slots)
        do {
            let delivery = Delivery(entry, from: stream, firstSeen: since, at: bus.clock.now, slot: slot)
            switch try await handler.handle(delivery) {
            case .done: break
            case .left(let moment): left = moment
            case .begun(let run):
                // In a task of its own: what led here takes some 20 KiB, which would be kept for as long as the run.
                Task {
                    await run.untilOver()
                    end(entry, slot)
                }
                return
            }
        } catch is Relinquished {
            // The bridge stops: the entry stays pending and goes to another.
            left = .max
        } catch {
            bus.logger.warning("a command is tried again", metadata: ["entry": "\(entry.id)", "error": "\(error)"])
            left = bus.clock.steady + min(max(Self.retryDelay.lowerBound, bus.clock.steady - since), Self.retryDelay.upperBound)
        }
        end(entry, slot, leavingUntil: left)
    }

    /// Gives the slot of an entry back, which is in flight no more.
    private func end(_ entry: StreamEntry, _ slot: HeldSlot, leavingUntil moment: Int64? = nil) {
        slot.giveBack()
        entries.release(entry.id, leavingUntil: moment)
    }

    private func recover(from error: RedisError) async {
        if error.code == .cancelled { return }
        entries.note(mayHaveMissed: true)
        do {
            if error.serverError?.code == "NOGROUP" {
                bus.logger.error("the group of commands is gone and is made anew", metadata: ["stream": "\(key)"])
                return try await makeGroup()
            }
            bus.logger.warning("reading commands failed", metadata: ["stream": "\(key)", "error": "\(error)"])
            try await engineClock.sleep(for: Self.pause)
            // A read may hold a slot that another shard could have: none before Redis answers.
            if error.isOutage { try await untilRedisAnswers() }
        } catch {
            // The next read meets the same trouble and comes back here.
        }
    }

    private func untilRedisAnswers() async throws {
        while true {
            do throws(RedisError) {
                _ = try await bus.redis.execute(PING())
                return
            } catch {
                guard error.isOutage else { throw error }
            }
            try await engineClock.sleep(for: Self.pause)
        }
    }

    // MARK: Entries that were delivered and not taken

    /// An entry that no bridge works on.
    private struct Pending {
        let id: StreamEntryID
        /// Whether it is to be claimed first: another bridge has not touched it for a lease.
        let isAnothers: Bool
    }

    /// Takes up pending entries that no bridge works on, the oldest first: this bridge's own, delivered but lost on the way, handed over or
    /// left before, and those of bridges that have not touched them for a lease. Returns when each has begun, once its turn has come.
    ///
    /// - Throws: ``RedisError`` when Redis does not answer; the next heartbeat goes on. `CancellationError` when the bridge stops.
    func takeUpPending() async throws {
        entries.note(mayHaveMissed: false)
        do {
            let found = (try await pendingHere() + pendingElsewhere()).sorted { $0.id < $1.id }
            try await slots.begin(found, as: .pending) { takeUp($0) }
        } catch {
            entries.note(mayHaveMissed: true)
            throw error
        }
    }

    /// Looks no further than it finds as many as are taken up at a time: what waits here may be a flood.
    private func pendingHere() async throws(RedisError) -> [Pending] {
        var pending: Set<StreamEntryID> = []
        var found: [Pending] = []
        var next: StreamEntryID?
        var last: StreamEntryID?
        repeat {
            let page = try await bus.redis.execute(
                XPENDING(key, BusKeys.group, from: next, count: Self.page, consumer: bus.bridge))
            for entry in page {
                pending.insert(entry.id)
                if found.count < Self.page, entries.isFree(entry.id, now: bus.clock.steady) {
                    found.append(Pending(id: entry.id, isAnothers: false))
                }
            }
            last = page.count == Self.page ? page.last?.id : nil
            next = last?.next
        } while next != nil && found.count < Self.page
        entries.forgetLeft(through: last, except: pending)
        if found.count == Self.page { entries.note(mayHaveMissed: true) }
        return found
    }

    /// Entries of others only: claiming what this bridge leaves for others would make it look untouched for ever.
    private func pendingElsewhere() async throws(RedisError) -> [Pending] {
        var found: [Pending] = []
        var next: StreamEntryID?
        repeat {
            let page = try await bus.redis.execute(
                XPENDING(key, BusKeys.group, idle: bus.limits.lease, from: next, count: Self.page))
            found += page.filter { $0.consumer != bus.bridge }.map { Pending(id: $0.id, isAnothers: true) }
            next = page.count == Self.page ? page.last?.id.next : nil
        } while next != nil && found.count < Self.page
        return found
    }

    /// Starts work on a pending entry that has its slot; false when it is in hand already.
    private func takeUp(_ pending: Pending) -> Bool {
        guard let since = entries.take(pending.id, now: bus.clock.steady) else { return false }
        Task {
            do {
                if let entry = try await fetch(pending) { return await handle(entry, firstSeen: since) }
            } catch {
                bus.logger.warning("a pending command could not be read", metadata: ["entry": "\(pending.id)", "error": "\(error)"])
                entries.note(mayHaveMissed: true)
            }
            slots.give(unusedBy: .pending)
            entries.release(pending.id)
        }
        return true
    }

    /// The entry, if it is this bridge's and there still.
    private func fetch(_ pending: Pending) async throws(RedisError) -> StreamEntry? {
        if pending.isAnothers {
            let claim = XCLAIM(key, BusKeys.group, bus.bridge, minimumIdle: bus.limits.lease, [pending.id])
            guard try await !bus.redis.execute(claim).isEmpty else { return nil }
        }
        if let entry = try await bus.redis.execute(XRANGE(key, from: pending.id, through: pending.id)).first { return entry }
        // Taken in the meantime, or deleted: nothing is left to be done.
        _ = try await bus.redis.execute(XACK(key, BusKeys.group, [pending.id]))
        return nil
    }

    /// Gives what this bridge has pending to another, which finds it at its next heartbeat; a bridge that stops does this
    /// after its last run.
    ///
    /// - Throws: ``RedisError`` when Redis does not answer; others then claim the entries once they are old enough.
    func handOverPending(to bridge: String) async throws(RedisError) {
        var next: StreamEntryID?
        repeat {
            let page = try await bus.redis.execute(
                XPENDING(key, BusKeys.group, from: next, count: Self.page, consumer: bus.bridge))
            guard let last = page.last else { return }
            _ = try await bus.redis.execute(XCLAIM(key, BusKeys.group, bridge, minimumIdle: .zero, page.map(\.id)))
            next = last.id.next
        } while next != nil
    }
}
