import CanoPrimitives
import Foundation
import Testing

@testable import CanoBus

extension Fuzzing {
    @Suite("Any entry of an inbound stream", .timeLimit(.minutes(FuzzPlan.current.minutes)))
    struct CommandFuzzTests {
        @Test("is a command that reads the same when it is written, or a rejection, and what is said of either is strict JSON")
        func reading() async throws {
            let mutator = try FieldMutator(folders: ["commands"], names: Field.allCases.flatMap { [$0.rawValue, $0.cloudEventName] })
            let fuzzer = Fuzzer(name: "commands", inputs: 4_000, literal: FieldMutator.literal) { mutator.input(&$0) }
            try await fuzzer.run { try Self.check($0) }
        }

        private static let entry = "1795480517506-0"
        private static let parser = CommandParser(limits: BusLimits())

        private static func check(_ fields: [(name: [UInt8], value: [UInt8])]) throws {
            for stream in InboundStream.allCases {
                do {
                    try check(try parser.parse(entry, fields, from: stream), fields, from: stream)
                } catch let rejection as Rejection {
                    try check(rejection, fields)
                }
            }
        }

        private static func check(_ command: Command, _ fields: [(name: [UInt8], value: [UInt8])], from stream: InboundStream) throws {
            let written = command.command.fields.map { (name: Array($0.name.utf8), value: Array($0.value.utf8)) }
            do {
                let again = try parser.parse(entry, written, from: stream)
                guard again == command else { throw Finding("is \(command) and, written, \(again)") }
            } catch let rejection as Rejection {
                throw Finding("is \(command) and, written, rejected: \(rejection.message)")
            }
            for rejection in refusals(of: command) { try check(rejection, fields) }
            switch command {
            case .start(let start):
                if let moment = start.notBefore(published: 1_795_480_517_506) { try EventCheck.check(RunScheduled(notBefore: moment)) }
                // What is no JSON is rejected once the workflow is known.
                do { try JSONSyntax.check(start.input) } catch { return }
                try EventCheck.check(RunStarted(version: start.version ?? "1", state: "fetch", input: start.input))
            case .cancel(let cancel):
                try EventCheck.check(RunCancelled(state: "fetch", reason: cancel.reason, rollback: .none, duration: 1))
            case .signal(let signal):
                try EventCheck.check(SignalTaken(name: signal.name, messageID: signal.messageID, outcome: .kept, unread: 1))
            case .complete(let answer): try checkLate(answer.task, .complete)
            case .fail(let answer): try checkLate(answer.task, .fail)
            case .release(let answer): try checkLate(answer.task, .release)
            case .defer(let answer): try checkLate(answer.task, .defer)
            case .resume, .schedule, .unschedule, .pauseSchedule, .resumeSchedule, .runSchedule: break
            }
        }

        private static func checkLate(_ task: TaskToken, _ answer: CommandType) throws {
            try EventCheck.check(TaskLate(task, answer: answer))
        }

        /// What a command that keeps its rules may be rejected for later.
        private static func refusals(of command: Command) -> [Rejection] {
            switch command {
            case .start(let start):
                [start.expired(at: start.expiresAt ?? 0), start.reserved(for: "often"), start.refused(.invalidInput, "No.")]
            case .cancel(let cancel): [cancel.unknownRun]
            case .resume(let resume): [resume.unknownRun, resume.notResumable(.running)]
            case .signal(let signal): [signal.runOver, signal.inboxFull]
            case .schedule(let schedule): [schedule.neverDue, schedule.refused(.unknownWorkflow, "No.")]
            case .unschedule(let unschedule): [unschedule.unknown]
            case .pauseSchedule(let pause): [pause.unknown]
            case .resumeSchedule(let resume): [resume.unknown, resume.neverDue]
            case .runSchedule(let run): [run.unknown, run.overlaps("s@1", .running)]
            case .complete, .fail, .release, .defer: []
            }
        }

        private static func check(_ rejection: Rejection, _ fields: [(name: [UInt8], value: [UInt8])]) throws {
            let about = rejection.addressee
            guard about.run.map(RunName.isValid) ?? true, about.workflow.map(Name.isValid) ?? true,
                about.replyName.map(Name.isValid) ?? true,
                TraceContext(parent: about.traceparent).parent == about.traceparent
            else { throw Finding("is rejected with an invalid addressee: \(about)") }
            let event = CommandRejected(rejection, entry: entry, fields: fields)
            try EventCheck.check(event)
            try EventCheck.checkNames(in: event.command)
        }
    }
}
