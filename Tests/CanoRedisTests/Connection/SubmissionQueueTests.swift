import NIOCore
import Testing

@testable import CanoRedis

@Suite("A submission queue", .timeLimit(.minutes(5)))
struct SubmissionQueueTests {
    private func submission(_ id: UInt64, bytes: Int = 10) -> Submission {
        Submission(
            id: id, command: EncodedCommand(RESPCommand("PING")), byteCount: bytes, deadline: .distantFuture, isIdempotent: false,
            waiter: .callback { _ in })
    }

    private func needsDrain(_ admission: SubmissionQueue.Admission) -> Bool? {
        if case .accepted(let needsDrain) = admission { needsDrain } else { nil }
    }

    private func refusal(_ admission: SubmissionQueue.Admission) -> RedisError.Code? {
        if case .refused(let error) = admission { error.code } else { nil }
    }

    @Test("asks for one drain per burst")
    func burst() {
        let queue = SubmissionQueue(maximumCount: 10, maximumBytes: 1000)
        #expect(needsDrain(queue.add(submission(1))) == true)
        #expect(needsDrain(queue.add(submission(2))) == false)
        #expect(queue.cancel([2]) == false)
        var batch = SubmissionQueue.Batch()
        queue.drain(into: &batch)
        #expect(batch.submissions.map(\.id) == [1, 2])
        #expect(batch.cancelled == [2])
        batch.clear()
        #expect(needsDrain(queue.add(submission(3))) == true)
        queue.drain(into: &batch)
        #expect(batch.submissions.map(\.id) == [3])
        #expect(batch.cancelled.isEmpty)
    }

    @Test("refuses more commands than its bound until some have left")
    func count() {
        let queue = SubmissionQueue(maximumCount: 2, maximumBytes: 1000)
        _ = queue.add(submission(1))
        #expect(refusal(queue.add([submission(2), submission(3)])) == .overloaded)
        _ = queue.add(submission(2))
        #expect(refusal(queue.add(submission(3))) == .overloaded)
        var batch = SubmissionQueue.Batch()
        queue.drain(into: &batch)
        #expect(refusal(queue.add(submission(3))) == .overloaded)
        queue.release(count: 1, bytes: 10)
        #expect(refusal(queue.add(submission(3))) == nil)
    }

    @Test("refuses more bytes than its bound, but not one large command alone")
    func bytes() {
        let queue = SubmissionQueue(maximumCount: 10, maximumBytes: 100)
        #expect(refusal(queue.add(submission(1, bytes: 500))) == nil)
        #expect(refusal(queue.add(submission(2, bytes: 1))) == .overloaded)
    }

    @Test("refuses everything once closed")
    func closed() {
        let queue = SubmissionQueue(maximumCount: 10, maximumBytes: 100)
        queue.close()
        #expect(refusal(queue.add(submission(1))) == .clientShutDown)
        #expect(refusal(queue.add([submission(1)])) == .clientShutDown)
    }
}
