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
    let entries = EntriesInHand()
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
        let places = try await slots?.takeForRead() ?? SlotCount.largestRead
        var unused = places
        defer { slots?.give(back: unused) }
        let read = XREADGROUP(BusKeys.group, consumer, [(key: key, after: nil)], count: places, block: Self.block)
        for entry in try await reader.execute(read).flatMap(\.entries) where dispatch(entry) { unused -= 1 }
    }

    /// Starts work on an entry unless it is in hand already; its slot goes with it.
    private func dispatch(_ entry: StreamEntry) -> Bool {
        guard entries.take(entry.id, now: clock.now) else { return false }
        Task {
            var left: Int64?
            do {
                if case .left(let moment) = try await handler.handle(entry, from: stream) { left = moment }
            } catch {
                // Only a stop ends here: the entry stays pending and goes to another bridge.
                logger.debug("an entry was left", metadata: ["entry": "\(entry.id)", "error": "\(error)"])
                left = .max
            }
            slots?.give(back: 1)
            entries.letGo(entry.id, leavingUntil: left)
        }
        return true
    }

    private func recover(from error: RedisError) async {
        if error.code == .cancelled { return }
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

    /// Takes up this bridge's own pending entries that are not in hand: delivered, but lost on the way or left before.
    ///
    /// - Parameter cursor: Where to go on among the entries of other bridges that have been idle for a lease.
    /// - Returns: Where to go on next time.
    func takeUpPending(cursor: StreamEntryID) async throws(RedisError) -> StreamEntryID {
        try await takeUpOwn()
        let places = slots?.takeFree() ?? SlotCount.largestRead
        var unused = places
        defer { slots?.give(back: unused) }
        guard places > 0 else { return cursor }
        let claimed = try await redis.execute(
            XAUTOCLAIM(key, BusKeys.group, consumer, minimumIdle: limits.lease, from: cursor, count: places))
        if !claimed.deletedIDs.isEmpty {
            logger.error("pending commands are gone from their stream", metadata: ["entries": "\(claimed.deletedIDs)"])
        }
        for entry in claimed.entries where dispatch(entry) { unused -= 1 }
        return claimed.cursor
    }

    private func takeUpOwn() async throws(RedisError) {
        var pending: Set<StreamEntryID> = []
        var next: StreamEntryID?
        repeat {
            let page = try await redis.execute(
                XPENDING(key, BusKeys.group, from: next, count: Self.page, consumer: consumer))
            for entry in page {
                pending.insert(entry.id)
                try await takeUp(entry.id)
            }
            next = page.count == Self.page ? page.last?.id.next : nil
        } while next != nil
        entries.forgetLeft(except: pending)
    }

    private func takeUp(_ id: StreamEntryID) async throws(RedisError) {
        guard entries.isFree(id, now: clock.now) else { return }
        let places = slots?.takeFree(atMost: 1) ?? 1
        guard places == 1 else { return }
        var isUsed = false
        defer { if !isUsed { slots?.give(back: 1) } }
        if let entry = try await redis.execute(XRANGE(key, from: id, through: id)).first {
            isUsed = dispatch(entry)
        } else if entries.isFree(id, now: clock.now) {
            // Somebody deleted the entry: nothing is left to be done but to say so.
            logger.error("a pending command is gone from its stream", metadata: ["entry": "\(id)"])
            _ = try await redis.execute(XACK(key, BusKeys.group, [id]))
        }
    }
}
