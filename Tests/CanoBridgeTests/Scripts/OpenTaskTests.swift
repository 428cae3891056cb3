import CanoBus
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("A task as its run remembers it", .timeLimit(.minutes(5)))
struct OpenTaskTests {
    @Test("is read whole")
    func whole() throws {
        let task = try #require(OpenTask("5-1 2 n.1-Z_ 60000 7000 mail 3 1 99"))
        #expect(task.entry == StreamEntryID(milliseconds: 5, sequence: 1) && task.attempt == 2 && task.nonce == "n.1-Z_")
        #expect(task.lease == 60_000 && task.queueUpTo == 7_000 && task.queue == "mail" && task.released == 3 && task.losses == 1)
        #expect(task.deferredUntil == 99 && task.isOpen)
        #expect(task.token(of: "a/b", leg: "//4.1").description == "a/b//4.1/2/n.1-Z_")
    }

    @Test("has no entry once its leg is closed, and neither limit where there is none")
    func closed() throws {
        let task = try #require(OpenTask("- 2 n 60000 - mail 0 1 -"))
        #expect(!task.isOpen && task.queueUpTo == nil && task.deferredUntil == nil && task.losses == 1)
    }

    @Test(
        "is left out where it was damaged",
        arguments: ["", "5-1", "5-1 x n 60000 - mail 0 0 -", "5-1 1 n x - mail 0 0 -", "5-1 1 n 60000 - mail 0 0", "5-1 1 n 1 - m 0 x -"])
    func damaged(text: String) {
        #expect(OpenTask(text) == nil)
        let fields = [("//1", text), ("//2", "5-1 1 n 60000 - mail 0 0 -")].map { (field: Array($0.0.utf8), value: Array($0.1.utf8)) }
        #expect(OpenTask.all(fields).keys.sorted() == ["//2"])
    }

    @Test("changes together with others of its run, whose queues are each named once")
    func queues() {
        let changes = TaskChanges(
            closed: [("//1", "mail"), ("//2", "print")].map { TaskChanges.ClosedLeg(leg: $0.0, queue: $0.1) },
            handed: [TaskSample.task(on: "scan"), TaskSample.task(on: "mail")])
        #expect(changes.queues == ["mail", "print", "scan"] && !changes.isEmpty && TaskChanges().isEmpty)
    }

    @Test("is answered by the commands of workers, and by no other")
    func answers() {
        let token = TaskToken(run: "a", leg: "//1", attempt: 1, nonce: "n")
        let commands: [Command] = [
            .complete(CompleteAnswer(token)), .fail(FailAnswer(token)), .release(ReleaseAnswer(token)), .defer(DeferAnswer(token, upTo: 5)),
        ]
        for command in commands {
            let answer = WorkerAnswer(command)
            #expect(answer?.token == token && answer?.type == Swift.type(of: command.command).type)
        }
        #expect(WorkerAnswer(.cancel(CancelCommand(run: "a", reason: "enough", replyName: nil))) == nil)
    }
}
