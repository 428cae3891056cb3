import CanoBus
import CanoCore
import Testing

@testable import CanoBridge

extension Fuzzing {
    @Suite("Any hash of a schedule", .timeLimit(.minutes(FuzzPlan.current.minutes)))
    struct ScheduleFuzzTests {
        private struct Question {
            let fields: FieldMutator.Fields
            let moment: Int64
            let isRunning: Bool
        }

        private static let mutator = FieldMutator(
            examples: [
                [
                    ("workflow", "numbers"), ("catch_up", "all"), ("overlap", "allow"), ("time_zone", "Europe/Berlin"),
                    ("cron", "30 2 * * mon-fri"),
                    ("order", "1-0"), ("anchor", "1795480517506"), ("next", "1795570200000"), ("start", "1795570200000"),
                    ("backlog", "1795480517506,1795480517507"), ("last", "1795480517000"), ("last_run", "often@1795480517000"),
                    ("last_entry", "1795480517000-0"),
                    ("fired", "3"),
                ],
                [
                    ("workflow", "numbers"), ("version", "1"), ("input", "{}"), ("catch_up", "once"), ("overlap", "skip"),
                    ("time_zone", "UTC"),
                    ("every_ms", "100"), ("jitter_ms", "5000"), ("order", "1-0"), ("anchor", "0"), ("next", "100"), ("start", "104"),
                ],
                [
                    ("workflow", "numbers"), ("catch_up", "skip"), ("overlap", "skip"), ("time_zone", "UTC"), ("at", "1795480517506"),
                    ("order", "1-0"),
                    ("anchor", "1795480517506"), ("next", "1795480517506"), ("reply_to", "me"),
                ],
            ],
            names: Field.allCases.map(\.rawValue))

        @Test("is refused, or says in bounded time what is due and when to look again")
        func steps() async throws {
            let fuzzer = Fuzzer<Question>(
                name: "schedules", inputs: 300, literal: { "\(FieldMutator.literal($0.fields)) at \($0.moment), running \($0.isRunning)" }
            ) { random in
                Question(
                    fields: Self.mutator.input(&random), moment: Int64.random(in: 0..<4_133_980_800_000, using: &random),
                    isRunning: random.once(in: 2))
            }
            try await fuzzer.run { question in
                let texts = question.fields.map { (String(decoding: $0.name, as: UTF8.self), String(decoding: $0.value, as: UTF8.self)) }
                let stored: StoredSchedule
                do {
                    stored = try StoredSchedule(Dictionary(texts) { $1 }, name: "often")
                } catch let error as BusError {
                    guard error.code == .unreadableSchedule else { throw Finding("is refused with \(error)") }
                    return
                }
                let step = stored.step(
                    at: question.moment, overlap: question.isRunning ? ScheduleOverlapping(run: "often@1", status: nil) : nil,
                    random: .always(0.5))
                guard step.due.count <= ScheduleStep.largest, step.position.backlog.count <= ScheduleDefinition.longestCatchUp,
                    step.lookAgain >= question.moment
                else { throw Finding("does \(step)") }
            }
        }
    }
}
