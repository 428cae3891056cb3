import CanoBus
import CanoCore
import CanoRedis
import Logging

/// Reads one inbound stream and hands each entry to a task of its own.
///
/// Start commands are read only while a slot is free, so the stream's length is the backlog; the control stream is
/// always read.
struct CommandIntake: Sendable {
    let bus: Bus
    let stream: InboundStream
    let reader: RedisBlockingClient
    let handler: CommandHandler
    let entries: InFlightEntries
    /// The slots start commands take; nil where commands need none.
    let slots: RunSlots?
    let engineClock: any EngineClock

    private var key: String { bus.keys.inbound(stream) }

    /// How long a read waits for entries.
    private static let block: Duration = .milliseconds(2_000)
    /// How long to wait after a read that failed.
    private static let pause: Duration = .milliseconds(250)
    /// When to look again at an entry that could not be handled, in milliseconds: after as long as it was tried so far,
    /// within these bounds.
    private static let retryDelay: ClosedRange<Int64> = 1_000...30_000
    /// How many pending entries are looked at in one call.
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
        let room = try await slots?.waitForRoom() ?? SlotCount.largestRead
        let read = XREADGROUP(BusKeys.group, bus.bridge, [(key: key, after: nil)], count: room, block: Self.block)
        for entry in try await reader.execute(read).flatMap(\.entries) { dispatch(entry) }
    }

    /// Starts work on an entry unless it is in hand already.
    private func dispatch(_ entry: StreamEntry) {
        guard let since = entries.take(entry.id, now: bus.clock.now) else { return }
        Task {
            await slots?.take()
            var left: Int64?
            do {
                if case .left(let moment) = try await handler.handle(Delivery(entry, from: stream, firstSeen: since)) { left = moment }
            } catch is Relinquished {
                // The bridge stops: the entry stays pending and goes to another.
                left = .max
            } catch {
                bus.logger.warning("a command is tried again", metadata: ["entry": "\(entry.id)", "error": "\(error)"])
                left = bus.clock.now + min(max(Self.retryDelay.lowerBound, bus.clock.now - since), Self.retryDelay.upperBound)
            }
            slots?.give()
            entries.release(entry.id, leavingUntil: left)
        }
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
        } catch {
            // The next read meets the same trouble and comes back here.
        }
    }

    // MARK: Entries that were delivered and not taken

    /// Takes up pending entries that no bridge works on: this bridge's own, delivered but lost on the way or left before,
    /// and those of bridges that have not touched them for a lease.
    ///
    /// - Throws: ``RedisError`` when Redis does not answer; the next heartbeat goes on.
    func takeUpPending() async throws(RedisError) {
        entries.note(mayHaveMissed: false)
        do {
            try await takeUpOwn()
            try await takeUpAbandoned()
        } catch {
            entries.note(mayHaveMissed: true)
            throw error
        }
    }

    private func takeUpOwn() async throws(RedisError) {
        var pending: Set<StreamEntryID> = []
        var next: StreamEntryID?
        repeat {
            let page = try await bus.redis.execute(
                XPENDING(key, BusKeys.group, from: next, count: Self.page, consumer: bus.bridge))
            for entry in page {
                pending.insert(entry.id)
                if entries.isFree(entry.id, now: bus.clock.now), hasRoom { try await takeUp(entry.id) }
            }
            next = page.count == Self.page ? page.last?.id.next : nil
        } while next != nil
        entries.forgetLeft(except: pending)
    }

    /// Entries of others only: claiming what this bridge leaves for others would make it look untouched for ever.
    private func takeUpAbandoned() async throws(RedisError) {
        var next: StreamEntryID?
        repeat {
            let page = try await bus.redis.execute(
                XPENDING(key, BusKeys.group, idle: bus.limits.lease, from: next, count: Self.page))
            for entry in page where entry.consumer != bus.bridge && hasRoom {
                let claimed = try await bus.redis.execute(
                    XCLAIM(key, BusKeys.group, bus.bridge, minimumIdle: bus.limits.lease, [entry.id]))
                for id in claimed { try await takeUp(id) }
            }
            next = page.count == Self.page ? page.last?.id.next : nil
        } while next != nil && hasRoom
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

    private var hasRoom: Bool { slots.map { $0.room > 0 } ?? true }

    private func takeUp(_ id: StreamEntryID) async throws(RedisError) {
        if let entry = try await bus.redis.execute(XRANGE(key, from: id, through: id)).first {
            dispatch(entry)
        } else if entries.isFree(id, now: bus.clock.now) {
            // Taken in the meantime, or deleted: nothing is left to be done.
            _ = try await bus.redis.execute(XACK(key, BusKeys.group, [id]))
        }
    }
}
