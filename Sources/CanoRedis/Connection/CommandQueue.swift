import DequeModule
import NIOCore

/// The commands of one connection, in the order they were given: first those written and owed a reply, then those still waiting.
///
/// Redis answers in order, so the queue is all there is to matching replies with callers. It decides and does nothing: no clock, no
/// socket. A caller who goes away leaves a slot behind, because its reply still comes and must not reach the next one in line.
///
/// Where replies are to be confirmed, those to what was written together are kept until the server has said that it is safe. Nothing else is
/// written meanwhile: what comes is the next to be written together.
struct CommandQueue<Waiter> {
    struct Slot {
        let id: UInt64
        /// Nil once the caller was told something else: its reply is dropped when it comes.
        var waiter: Waiter?
        let command: EncodedCommand
        let byteCount: Int
        let deadline: NIODeadline
        let isIdempotent: Bool
        /// How often it was written.
        var attempts = 0
    }

    /// A waiter to be told of a failure, and whether its command had been written.
    struct Failure {
        let waiter: Waiter
        let wasWritten: Bool
    }

    enum Reply {
        case deliver(Waiter)
        case drop
        /// It is kept until it is confirmed.
        case keep
        /// It says whether what was kept is confirmed.
        case confirmation
        /// Nothing was asked: the two ends do not agree any more.
        case unsolicited
    }

    private let confirmsReplies: Bool
    private var written: Deque<Slot> = []
    /// The replies to the head of `written`, where they are to be confirmed.
    private var kept: Deque<RESPValue> = []
    /// Whether the server was asked to confirm what is written.
    private var isAwaitingConfirmation = false
    private var waiting: Deque<Slot> = []
    /// How many slots at the head of `waiting` were put back since the connection was made.
    private var putBackCount = 0
    /// How many slots at the head of `written` are past their deadline; deadlines rise along the queue.
    private var expiredCount = 0
    private var releasedCount = 0
    private var releasedBytes = 0

    /// A command is sent this often at most: one that kills the server must not kill it for ever.
    static var maximumAttempts: Int { 3 }

    var isEmpty: Bool { written.isEmpty && waiting.isEmpty }
    var hasWaiting: Bool { !waiting.isEmpty }
    /// Whether what waits may be written now.
    var mayWrite: Bool { !waiting.isEmpty && !isAwaitingConfirmation }
    var writtenCount: Int { written.count }
    var waitingCount: Int { waiting.count }

    /// When to look for expired commands next; nil when no command is left.
    var nextDeadline: NIODeadline? {
        expiredCount < written.count ? written[expiredCount].deadline : waiting.first?.deadline
    }

    /// Whether the reply that comes next is for a command past its deadline, or confirms what has no callers any more.
    var isHeadExpired: Bool { expiredCount > 0 || isAwaitingConfirmation && written.isEmpty }

    /// - Parameter confirmsReplies: Whether replies are kept until they are confirmed.
    init(confirmsReplies: Bool = false) {
        self.confirmsReplies = confirmsReplies
    }

    mutating func append(_ slot: Slot) {
        waiting.append(slot)
    }

    /// The next command to write. From here on the server may have executed it.
    mutating func writeNext() -> EncodedCommand? {
        guard var slot = waiting.popFirst() else { return nil }
        putBackCount = max(0, putBackCount - 1)
        slot.attempts += 1
        written.append(slot)
        return slot.command
    }

    /// Matches the reply that came with its command.
    mutating func takeReply(_ reply: RESPValue) -> Reply {
        if confirmsReplies, kept.count < written.count {
            kept.append(reply)
            return .keep
        }
        if isAwaitingConfirmation { return .confirmation }
        guard let slot = popWritten() else { return .unsolicited }
        return slot.waiter.map { .deliver($0) } ?? .drop
    }

    // MARK: Confirming

    /// The server is to be asked to confirm what was written since it was asked last.
    ///
    /// - Returns: Whether there is anything to ask for.
    mutating func beginConfirmation() -> Bool {
        guard confirmsReplies, !isAwaitingConfirmation, !written.isEmpty else { return false }
        isAwaitingConfirmation = true
        return true
    }

    /// What was written is safe.
    ///
    /// - Returns: The replies that were kept, and who waits for each.
    mutating func confirmed() -> [(waiter: Waiter, reply: RESPValue)] {
        isAwaitingConfirmation = false
        var deliveries: [(waiter: Waiter, reply: RESPValue)] = []
        while let reply = kept.popFirst(), let slot = popWritten() {
            if let waiter = slot.waiter { deliveries.append((waiter, reply)) }
        }
        return deliveries
    }

    /// What was written is not safe yet.
    ///
    /// - Returns: Whether the server is to be asked once more, since replies are waited for.
    mutating func unconfirmed() -> Bool {
        dropUnawaited()
        isAwaitingConfirmation = !written.isEmpty
        return isAwaitingConfirmation
    }

    /// Nothing is kept for callers who are all gone, or a server that never confirms would keep the connection from ending.
    private mutating func dropUnawaited() {
        guard !kept.isEmpty, kept.count == written.count, written.allSatisfy({ $0.waiter == nil }) else { return }
        kept.removeAll()
        while popWritten() != nil {}
    }

    private mutating func popWritten() -> Slot? {
        guard let slot = written.popFirst() else { return nil }
        if expiredCount > 0 { expiredCount -= 1 }
        release(slot)
        return slot
    }

    // MARK: What goes wrong

    /// The reply that came refuses its command, which another server would take: it waits for the next connection, before all others.
    ///
    /// - Returns: False when it is not to be sent again; the reply is then matched as any other.
    mutating func putBackHead() -> Bool {
        let index = kept.count
        guard index < written.count, written[index].waiter != nil, written[index].attempts < Self.maximumAttempts else { return false }
        let slot = written.remove(at: index)
        waiting.insert(slot, at: putBackCount)
        putBackCount += 1
        return true
    }

    /// Callers went away. What was not written is not sent; what was keeps its slot.
    mutating func abandon(_ ids: Set<UInt64>) -> [Failure] {
        var failures: [Failure] = []
        for index in written.indices where ids.contains(written[index].id) {
            guard let waiter = written[index].waiter else { continue }
            written[index].waiter = nil
            failures.append(Failure(waiter: waiter, wasWritten: true))
        }
        dropUnawaited()
        guard failures.count < ids.count else { return failures }
        var stay: Deque<Slot> = []
        for slot in waiting {
            guard ids.contains(slot.id) else {
                stay.append(slot)
                continue
            }
            release(slot)
            if let waiter = slot.waiter { failures.append(Failure(waiter: waiter, wasWritten: slot.attempts > 0)) }
        }
        waiting = stay
        return failures
    }

    /// Gives up every command whose deadline has come.
    mutating func expire(at now: NIODeadline) -> [Failure] {
        var failures: [Failure] = []
        while expiredCount < written.count, written[expiredCount].deadline <= now {
            if let waiter = written[expiredCount].waiter {
                written[expiredCount].waiter = nil
                failures.append(Failure(waiter: waiter, wasWritten: true))
            }
            expiredCount += 1
        }
        dropUnawaited()
        while let slot = waiting.first, slot.deadline <= now {
            waiting.removeFirst()
            release(slot)
            if let waiter = slot.waiter { failures.append(Failure(waiter: waiter, wasWritten: slot.attempts > 0)) }
        }
        return failures
    }

    /// The connection is gone. Repeatable commands go back to the head of the line; the others fail, for the server may have executed them.
    mutating func connectionLost() -> [Failure] {
        var failures: [Failure] = []
        var (confirming, repeated): ([Slot], [Slot]) = ([], [])
        for (index, slot) in written.enumerated() {
            if slot.waiter != nil, slot.isIdempotent, slot.attempts < Self.maximumAttempts {
                if index < kept.count { confirming.append(slot) } else { repeated.append(slot) }
            } else {
                release(slot)
                if let waiter = slot.waiter { failures.append(Failure(waiter: waiter, wasWritten: true)) }
            }
        }
        written.removeAll(keepingCapacity: true)
        expiredCount = 0
        forgetKept()
        // What was put back was written after those that were answered, and before the others.
        waiting.insert(contentsOf: repeated, at: putBackCount)
        waiting.insert(contentsOf: confirming, at: 0)
        putBackCount = 0
        return failures
    }

    /// Nothing will be sent any more.
    mutating func removeAll() -> [Failure] {
        var failures: [Failure] = []
        for slot in written {
            release(slot)
            if let waiter = slot.waiter { failures.append(Failure(waiter: waiter, wasWritten: true)) }
        }
        written.removeAll()
        expiredCount = 0
        forgetKept()
        return failures + removeWaiting()
    }

    /// Those not written fail; what was written still gets its replies.
    mutating func removeWaiting() -> [Failure] {
        var failures: [Failure] = []
        for slot in waiting {
            release(slot)
            if let waiter = slot.waiter { failures.append(Failure(waiter: waiter, wasWritten: slot.attempts > 0)) }
        }
        waiting.removeAll()
        return failures
    }

    /// How many slots have left since the last call, and their bytes; for the bounds, which are counted elsewhere.
    mutating func takeReleased() -> (count: Int, bytes: Int) {
        defer { (releasedCount, releasedBytes) = (0, 0) }
        return (releasedCount, releasedBytes)
    }

    /// What the connection had still to confirm is lost with it.
    private mutating func forgetKept() {
        kept.removeAll()
        isAwaitingConfirmation = false
    }

    private mutating func release(_ slot: Slot) {
        releasedCount += 1
        releasedBytes += slot.byteCount
    }
}
