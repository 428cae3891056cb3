import CanoCore
import CanoRedis
import Logging

/// Reads one inbound stream and hands each entry to a task of its own.
///
/// Start commands are read only while a slot is free, so the stream's length is the backlog; the control stream is
/// always read.
struct CommandIntake: Sendable {
    let stream: CommandParser.Stream
    let key: String
    let consumer: String
    let redis: RedisClient
    let reader: RedisBlockingClient
    let handler: CommandHandler
    let entries: EntriesInHand
    /// The slots start commands take; nil where commands need none.
    let slots: RunSlots?
    let limits: BusLimits
    let engineClock: any EngineClock
    let clock: BusClock
    let logger: Logger

    /// How long a read waits for entries.
    private static let block: Duration = .milliseconds(2_000)
    /// How long to wait after a read that failed.
    private static let patience: Duration = .milliseconds(250)
    /// When to look again at an entry that could not be handled, in milliseconds: after as long as it was tried so far,
    /// within these bounds.
    private static let retryDelay: ClosedRange<Int64> = 1_000...30_000
    /// How many pending entries are looked at in one call.
    private static let page = 256

    /// Makes the group, from the stream's beginning, unless it is there.
    func makeGroup() async throws(RedisError) {
        _ = try await redis.execute(XGROUP.CREATE(key, BusKeys.group))
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
                logger.error("reading commands failed", metadata: ["stream": "\(key)", "error": "\(error)"])
            }
        }
    }

    private func readOnce() async throws {
        let room = try await slots?.waitForRoom() ?? SlotCount.largestRead
        let read = XREADGROUP(BusKeys.group, consumer, [(key: key, after: nil)], count: room, block: Self.block)
        for entry in try await reader.execute(read).flatMap(\.entries) { dispatch(entry) }
    }

    /// Starts work on an entry unless it is in hand already.
    private func dispatch(_ entry: StreamEntry) {
        guard let since = entries.take(entry.id, now: clock.now) else { return }
        Task {
            await slots?.take()
            var left: Int64?
            do {
                if case .left(let moment) = try await handler.handle(entry, from: stream, since: since) { left = moment }
            } catch is Relinquished {
                // The bridge stops: the entry stays pending and goes to another.
                left = .max
            } catch {
                logger.warning("a command is tried again", metadata: ["entry": "\(entry.id)", "error": "\(error)"])
                left = clock.now + min(max(Self.retryDelay.lowerBound, clock.now - since), Self.retryDelay.upperBound)
            }
            slots?.give()
            entries.letGo(entry.id, leavingUntil: left)
        }
    }

    private func recover(from error: RedisError) async {
        if error.code == .cancelled { return }
        entries.note(mayHaveMissed: true)
        do {
            if error.serverError?.code == "NOGROUP" {
                logger.error("the group of commands is gone and is made anew", metadata: ["stream": "\(key)"])
                return try await makeGroup()
            }
            logger.warning("reading commands failed", metadata: ["stream": "\(key)", "error": "\(error)"])
            try await engineClock.sleep(for: Self.patience)
        } catch {
            // The next read meets the same trouble and comes back here.
        }
    }

    // MARK: Entries that were delivered and not taken

    /// Takes up pending entries that nobody has in hand: this bridge's own, delivered but lost on the way or left before,
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
            let page = try await redis.execute(
                XPENDING(key, BusKeys.group, from: next, count: Self.page, consumer: consumer))
            for entry in page {
                pending.insert(entry.id)
                if entries.isFree(entry.id, now: clock.now), hasRoom { try await takeUp(entry.id) }
            }
            next = page.count == Self.page ? page.last?.id.next : nil
        } while next != nil
        entries.forgetLeft(except: pending)
    }

    /// Entries of others only: claiming what this bridge leaves for others would make it look untouched for ever.
    private func takeUpAbandoned() async throws(RedisError) {
        var next: StreamEntryID?
        repeat {
            let page = try await redis.execute(
                XPENDING(key, BusKeys.group, idle: limits.lease, from: next, count: Self.page))
            for entry in page where entry.consumer != consumer && hasRoom {
                let claimed = try await redis.execute(
                    XCLAIM(key, BusKeys.group, consumer, minimumIdle: limits.lease, [entry.id]))
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
            let page = try await redis.execute(
                XPENDING(key, BusKeys.group, from: next, count: Self.page, consumer: consumer))
            guard let last = page.last else { return }
            _ = try await redis.execute(XCLAIM(key, BusKeys.group, bridge, minimumIdle: .zero, page.map(\.id)))
            next = last.id.next
        } while next != nil
    }

    private var hasRoom: Bool { slots.map { $0.room > 0 } ?? true }

    private func takeUp(_ id: StreamEntryID) async throws(RedisError) {
        if let entry = try await redis.execute(XRANGE(key, from: id, through: id)).first {
            dispatch(entry)
        } else if entries.isFree(id, now: clock.now) {
            // Taken in the meantime, or deleted by somebody: nothing is left to be done.
            _ = try await redis.execute(XACK(key, BusKeys.group, [id]))
        }
    }
}
