import NIOCore
import Testing

@testable import CanoRedis

@Suite("A command queue", .timeLimit(.minutes(5)))
struct CommandQueueTests {
    private typealias Queue = CommandQueue<String>

    private func slot(_ id: UInt64, deadline: UInt64 = 100, isIdempotent: Bool = false) -> Queue.Slot {
        let command = EncodedCommand(RESPCommand("GET", "key\(id)"))
        return Queue.Slot(
            id: id, waiter: "w\(id)", command: command, byteCount: 10, deadline: .uptimeNanoseconds(deadline), isIdempotent: isIdempotent)
    }

    /// A queue of `count` commands of which the first `written` are on the wire.
    private func queue(_ count: UInt64, written: Int = 0, isIdempotent: Bool = false) -> Queue {
        var queue = Queue()
        for id in 1...count { queue.append(slot(id, deadline: id * 10, isIdempotent: isIdempotent)) }
        for _ in 0..<written { _ = queue.writeNext() }
        return queue
    }

    private func reply(_ queue: inout Queue) -> String? {
        switch queue.takeReply(.integer(1)) {
        case .deliver(let waiter): waiter
        case .drop: "dropped"
        case .keep: "kept"
        case .confirmation: "confirmation"
        case .unsolicited: nil
        }
    }

    private func outcomes(_ failures: [Queue.Failure]) -> [String] {
        failures.map { "\($0.waiter) \($0.wasWritten ? "written" : "unwritten")" }
    }

    @Test("gives replies to waiters in order")
    func order() {
        var queue = queue(3, written: 3)
        #expect([reply(&queue), reply(&queue), reply(&queue)] == ["w1", "w2", "w3"])
        #expect(reply(&queue) == nil)
        #expect(queue.isEmpty)
        #expect(queue.takeReleased() == (3, 30))
        #expect(queue.takeReleased() == (0, 0))
    }

    @Test("sends what was refused first on the next connection, then what may be repeated, then what waits")
    func putBack() {
        var queue = Queue()
        for id in UInt64(1)...5 { queue.append(slot(id, deadline: id * 10, isIdempotent: id == 4)) }
        for _ in 0..<4 { _ = queue.writeNext() }
        #expect(queue.putBackHead() == true)
        #expect(queue.putBackHead() == true)
        // The third is a write whose reply is lost.
        #expect(outcomes(queue.connectionLost()) == ["w3 written"])
        for _ in 0..<4 { _ = queue.writeNext() }
        #expect([reply(&queue), reply(&queue), reply(&queue), reply(&queue)] == ["w1", "w2", "w4", "w5"])
        #expect(queue.takeReleased() == (5, 50))
    }

    @Test("does not send for ever what is always refused, and not what no caller waits for")
    func refusedForEver() {
        var queue = queue(1)
        for _ in 1..<Queue.maximumAttempts {
            _ = queue.writeNext()
            #expect(queue.putBackHead() == true)
            #expect(queue.connectionLost().isEmpty)
        }
        _ = queue.writeNext()
        #expect(queue.putBackHead() == false)
        #expect(reply(&queue) == "w1")
        #expect(queue.putBackHead() == false)
        queue.append(slot(2))
        _ = queue.writeNext()
        _ = queue.abandon([2])
        #expect(queue.putBackHead() == false)
        #expect(reply(&queue) == "dropped")
    }

    @Test("does not take a reply for a command that was not written")
    func unsolicited() {
        var queue = queue(1)
        #expect(reply(&queue) == nil)
    }

    @Test("keeps the slot of a written command whose caller went away")
    func abandonedWritten() {
        var queue = queue(3, written: 3)
        #expect(outcomes(queue.abandon([2])) == ["w2 written"])
        #expect([reply(&queue), reply(&queue), reply(&queue)] == ["w1", "dropped", "w3"])
    }

    @Test("does not send a command whose caller went away before")
    func abandonedWaiting() {
        var queue = queue(3, written: 1)
        #expect(outcomes(queue.abandon([2, 99])) == ["w2 unwritten"])
        _ = queue.writeNext()
        #expect(!queue.hasWaiting)
        #expect([reply(&queue), reply(&queue)] == ["w1", "w3"])
    }

    @Test("tells an abandoned waiter nothing twice")
    func abandonedTwice() {
        var queue = queue(1, written: 1)
        #expect(queue.abandon([1]).count == 1)
        #expect(queue.abandon([1]).isEmpty)
        #expect(queue.expire(at: .uptimeNanoseconds(1000)).isEmpty)
        #expect(queue.connectionLost().isEmpty)
    }

    @Test("expires from the head, written or not, and looks next at the first that lives")
    func deadlines() {
        var queue = queue(4, written: 2)
        #expect(queue.nextDeadline == .uptimeNanoseconds(10))
        #expect(outcomes(queue.expire(at: .uptimeNanoseconds(10))) == ["w1 written"])
        #expect(queue.isHeadExpired)
        #expect(queue.nextDeadline == .uptimeNanoseconds(20))
        #expect(outcomes(queue.expire(at: .uptimeNanoseconds(30))) == ["w2 written", "w3 unwritten"])
        #expect(queue.nextDeadline == .uptimeNanoseconds(40))
        #expect([reply(&queue), reply(&queue)] == ["dropped", "dropped"])
        #expect(!queue.isHeadExpired)
        _ = queue.writeNext()
        #expect(reply(&queue) == "w4")
        #expect(queue.nextDeadline == nil)
    }

    @Test("fails what was written and keeps what was not when the connection is lost")
    func lost() {
        var queue = queue(3, written: 2)
        #expect(outcomes(queue.connectionLost()) == ["w1 written", "w2 written"])
        #expect(queue.writtenCount == 0)
        _ = queue.writeNext()
        #expect(reply(&queue) == "w3")
    }

    @Test("sends repeatable commands again, in order and before the others")
    func repeated() {
        var queue = Queue()
        queue.append(slot(1, isIdempotent: true))
        queue.append(slot(2))
        queue.append(slot(3, isIdempotent: true))
        queue.append(slot(4))
        for _ in 0..<3 { _ = queue.writeNext() }
        #expect(outcomes(queue.connectionLost()) == ["w2 written"])
        while queue.writeNext() != nil {}
        #expect([reply(&queue), reply(&queue), reply(&queue)] == ["w1", "w3", "w4"])
    }

    @Test("gives up a repeatable command that has seen three connections die")
    func poison() {
        var queue = queue(1, isIdempotent: true)
        for _ in 0..<2 {
            _ = queue.writeNext()
            #expect(queue.connectionLost().isEmpty)
        }
        _ = queue.writeNext()
        #expect(outcomes(queue.connectionLost()) == ["w1 written"])
        #expect(queue.isEmpty)
    }

    @Test("says of a repeatable command that waits again that it was written")
    func repeatedWasWritten() {
        var queue = queue(1, written: 1, isIdempotent: true)
        _ = queue.connectionLost()
        #expect(outcomes(queue.expire(at: .uptimeNanoseconds(10))) == ["w1 written"])
    }

    @Test("fails everything at the end and counts it as gone")
    func end() {
        var queue = queue(3, written: 1)
        #expect(outcomes(queue.removeAll()) == ["w1 written", "w2 unwritten", "w3 unwritten"])
        #expect(queue.isEmpty)
        #expect(queue.takeReleased() == (3, 30))
    }

    @Test("gives up only what waits when nothing can be sent")
    func waitingOnly() {
        var queue = queue(2, written: 1)
        #expect(outcomes(queue.removeWaiting()) == ["w2 unwritten"])
        #expect(reply(&queue) == "w1")
    }

    // MARK: Replies that are to be confirmed

    /// A queue whose commands are written, and whose server is asked to confirm them.
    private func confirming(_ count: UInt64, isIdempotent: Bool = false) -> Queue {
        var queue = Queue(confirmsReplies: true)
        for id in 1...count { queue.append(slot(id, deadline: id * 10, isIdempotent: isIdempotent)) }
        for _ in 0..<count { _ = queue.writeNext() }
        #expect(queue.beginConfirmation() == true)
        return queue
    }

    private func deliveries(_ queue: inout Queue) -> [String] {
        queue.confirmed().map { "\($0.waiter) \($0.reply.integerValue ?? 0)" }
    }

    @Test("keeps replies until what they answer is confirmed, and writes nothing meanwhile")
    func confirmed() {
        var queue = confirming(2)
        queue.append(slot(3))
        #expect(!queue.mayWrite)
        #expect([reply(&queue), reply(&queue), reply(&queue)] == ["kept", "kept", "confirmation"])
        #expect(queue.takeReleased() == (0, 0))
        #expect(deliveries(&queue) == ["w1 1", "w2 1"])
        #expect(queue.takeReleased() == (2, 20))
        #expect(queue.mayWrite)
        #expect(queue.hasWaiting)
    }

    @Test("is asked once for what is written together, and not for nothing")
    func askedOnce() {
        var queue = Queue(confirmsReplies: true)
        #expect(queue.beginConfirmation() == false)
        queue.append(slot(1))
        #expect(queue.beginConfirmation() == false)
        _ = queue.writeNext()
        #expect(queue.beginConfirmation() == true)
        #expect(queue.beginConfirmation() == false)
        var plain = self.queue(1, written: 1)
        #expect(plain.beginConfirmation() == false)
    }

    @Test("asks again while replies wait that the server does not confirm")
    func unconfirmed() {
        var queue = confirming(1)
        _ = (reply(&queue), reply(&queue))
        #expect(queue.unconfirmed() == true)
        #expect(!queue.mayWrite)
        #expect(reply(&queue) == "confirmation")
        #expect(deliveries(&queue) == ["w1 1"])
    }

    @Test("tells those whose deadline comes before the confirmation, and asks no more for them")
    func expiredBeforeConfirmation() {
        var queue = confirming(2)
        _ = (reply(&queue), reply(&queue))
        #expect(outcomes(queue.expire(at: .uptimeNanoseconds(10))) == ["w1 written"])
        #expect(!queue.isEmpty)
        #expect(outcomes(queue.expire(at: .uptimeNanoseconds(20))) == ["w2 written"])
        #expect(queue.isEmpty)
        #expect(queue.takeReleased() == (2, 20))
        queue.append(slot(3))
        #expect(!queue.mayWrite)
        #expect(reply(&queue) == "confirmation")
        #expect(queue.unconfirmed() == false)
        #expect(queue.mayWrite)
    }

    @Test("has a caller's reply fall away who leaves before the confirmation")
    func abandonedBeforeConfirmation() {
        var queue = confirming(2)
        _ = (reply(&queue), reply(&queue))
        #expect(outcomes(queue.abandon([1])) == ["w1 written"])
        #expect(reply(&queue) == "confirmation")
        #expect(deliveries(&queue) == ["w2 1"])
        #expect(queue.isEmpty)
    }

    @Test("passes on no reply that the lost connection had not confirmed, and repeats what may be repeated")
    func lostBeforeConfirmation() {
        var queue = confirming(1)
        _ = reply(&queue)
        #expect(outcomes(queue.connectionLost()) == ["w1 written"])
        var repeated = confirming(1, isIdempotent: true)
        _ = reply(&repeated)
        #expect(repeated.connectionLost().isEmpty)
        #expect(repeated.mayWrite)
        _ = repeated.writeNext()
        #expect(repeated.beginConfirmation() == true)
        #expect([reply(&repeated), reply(&repeated)] == ["kept", "confirmation"])
        #expect(deliveries(&repeated) == ["w1 1"])
    }

    @Test("sends again elsewhere what was refused among replies that are kept")
    func putBackAmongKept() {
        var queue = confirming(3)
        #expect(reply(&queue) == "kept")
        #expect(queue.putBackHead() == true)
        #expect([reply(&queue), reply(&queue)] == ["kept", "confirmation"])
        #expect(queue.putBackHead() == false)
        #expect(deliveries(&queue) == ["w1 1", "w3 1"])
        _ = queue.writeNext()
        #expect(queue.beginConfirmation() == true)
        #expect([reply(&queue), reply(&queue)] == ["kept", "confirmation"])
        #expect(deliveries(&queue) == ["w2 1"])
    }

    @Test("keeps its order when what was put back is written again on the connection that is left")
    func putBackAndWritten() {
        var queue = queue(2, written: 1)
        #expect(queue.putBackHead() == true)
        _ = queue.writeNext()
        #expect(outcomes(queue.connectionLost()) == ["w1 written"])
        _ = queue.writeNext()
        #expect(reply(&queue) == "w2")
    }

    @Test("asks no more for replies that came when their callers had gone")
    func lateReplies() {
        var queue = confirming(1)
        #expect(outcomes(queue.expire(at: .uptimeNanoseconds(10))) == ["w1 written"])
        #expect([reply(&queue), reply(&queue)] == ["kept", "confirmation"])
        #expect(queue.unconfirmed() == false)
        #expect(queue.isEmpty)
    }
}
