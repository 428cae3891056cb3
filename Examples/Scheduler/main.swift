import CanoCore

enum Report: String, WorkflowState, CaseIterable {
    typealias Input = Firing
    case write, written
}

// Each run says here that it was, so that the program can count them.
let (reports, reported) = AsyncStream.makeStream(of: String.self)

let report = Workflow<Report>("report", startingAt: .write) { state in
    switch state {
    case .write:
        .step(then: .written) { context in
            _ = reported.yield(context.input.due == nil ? "the report that was asked for" : "a report that was due")
        }
    case .written: .exit
    }
}

let scheduler = Scheduler()
try scheduler.schedule(report, as: "often", Schedule(.fixedRate(.milliseconds(10))))
let onDemand = try scheduler.schedule(report, as: "on-demand", Schedule(.manual))

// A scheduler is a service: it runs until it is stopped.
let running = Task { try await scheduler.run() }
try await scheduler.started()

var due = 0
for await line in reports where line.hasPrefix("a report") {
    print(line)
    due += 1
    if due == 3 { break }
}
try await onDemand.trigger().output()
print("one more when it is asked for: \(onDemand.info?.runCount == 1)")
try await scheduler.stop()
try await running.value

// Cron goes by the clock on the wall of a zone. On 31 March 2024 there is no 2:30 in Berlin: it is due when the clocks go forward.
let halfPastTwo = try CronExpression("30 2 * * *")
let berlin = try ScheduleTimeZone("Europe/Berlin")
if let due = halfPastTwo.next(after: 1_711_800_000_000, in: berlin) { print("due at \(due / 3_600_000 % 24) o'clock UTC") }
