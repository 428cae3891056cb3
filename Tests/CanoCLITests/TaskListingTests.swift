import ArgumentParser
import CanoClient
import CanoPrimitives
import CanoRedis
import Testing

@testable import CanoCLI

@Suite("Queues and tasks as they are listed", .timeLimit(.minutes(5)))
struct TaskListingTests {
    private let queue = TaskQueue(
        name: "payments", waiting: 2, held: 7, inHand: 1, oldestWaiting: .seconds(5), oldestInHand: .milliseconds(250),
        workers: [QueueWorker(name: "till-7", inHand: 1, silence: .milliseconds(40))])

    @Test("have a row for a queue")
    func queueRow() {
        #expect(queue.row == ["payments", "2", "5 s", "7", "1", "250 ms", "1", "40 ms"])
        #expect(TaskQueue(name: "idle").row == ["idle", "0", "-", "0", "0", "-", "0", "-"])
    }

    @Test("are one line of JSON for a queue, with what there is")
    func queueJSON() {
        #expect(
            queue.json
                == #"{"queue":"payments","waiting":2,"oldest_waiting_ms":5000,"held":7,"in_hand":1,"oldest_in_hand_ms":250,"#
                + #""workers":[{"worker":"till-7","in_hand":1,"silent_ms":40}]}"#)
        #expect(TaskQueue(name: "idle").json == #"{"queue":"idle","waiting":0,"held":0,"in_hand":0,"workers":[]}"#)
    }

    private func task(_ fields: [String: String], _ holder: QueuedTask.Holder? = nil) -> QueuedTask {
        QueuedTask(id: StreamEntryID(milliseconds: 7, sequence: 1), age: .seconds(3), holder: holder, fields: fields)
    }

    @Test("have a row for a task, with the worker that has it")
    func taskRow() {
        let fields = ["run": "order-42", "state": "charge", "attempt": "2", "attempts": "4"]
        #expect(
            task(fields, QueuedTask.Holder(worker: "till-7", silence: .milliseconds(20))).row
                == ["order-42", "charge", "2 of 4", "3 s", "till-7", "20 ms"])
        #expect(task(["run": "order-42", "state": "charge", "attempt": "2", "attempts": ""]).row[2...] == ["2", "3 s", "-", "-"])
    }

    @Test("are one line of JSON for a task, with its input as a value and what later releases add behind it")
    func taskJSON() {
        #expect(
            task(["later": "1", "input": "{\n\"cents\":5}", "run": "order-42"], QueuedTask.Holder(worker: "till-7", silence: .seconds(1)))
                .json
                == #"{"entry":"7-1","age_ms":3000,"worker":"till-7","silent_ms":1000,"run":"order-42","input":{ "cents":5},"later":"1"}"#)
    }

    @Test("are still JSON where the input is none")
    func damagedInput() {
        #expect(task(["input": "{"]).json == #"{"entry":"7-1","age_ms":3000,"input":"{"}"#)
    }

    @Test("are limited to a number that can be printed", arguments: ["0", "-1", "10001"])
    func limit(_ number: String) {
        #expect(throws: (any Error).self) { try ListTasksCommand.parse(["--queue", "payments", "--limit=" + number]) }
    }
}
