import CanoBridge
import CanoBridgeTesting
import CanoBus
import CanoClient
import CanoTesting
import Testing

@Suite("The schedules of a client", .serialized, .timeLimit(.minutes(2)))
struct ScheduleTests {
    @Test("are set, listed with the next first, fire, and are removed")
    func schedules() async throws {
        try await withBridge {
            try $0.register(answering)
        } run: { bus in
            let set = try await bus.schedule("nightly", .cron("30 2 * * *", timeZone: "Europe/Berlin"), answering.reference, Work())
            guard case .set(let next?) = set else {
                Issue.record("the schedule was not set: \(set)")
                return
            }
            try await bus.schedule("now", .every(.seconds(3_600)), answering.reference, Work())
            try await eventually(within: .seconds(20), "it has fired at once") {
                try await bus.schedules().first { $0.name == "now" }?.fired == 1
            }
            let listed = try await bus.schedules()
            #expect(listed.map(\.name).contains("nightly"))
            #expect(listed == listed.sorted { ($0.next ?? .max) < ($1.next ?? .max) })
            let nightly = try #require(listed.first { $0.name == "nightly" })
            #expect(nightly.next == next)
            #expect(nightly.timing == .cron("30 2 * * *", timeZone: "Europe/Berlin"))
            #expect(nightly.workflow == "answering")
            #expect(nightly.input == #"{"answer":"done","times":1}"#)
            try await bus.unschedule("nightly")
            #expect(try await bus.schedules().map(\.name) == ["now"])
        }
    }

    @Test("are rejected with the reason")
    func rejected() async throws {
        try await withBridge {
            try $0.register(answering)
        } run: { bus in
            let error = await #expect(throws: ClientError.self) {
                try await bus.schedule("never", .cron("61 * * * *"), answering.reference, Work())
            }
            #expect(error?.rejection == .invalidField)
            let unknown = await #expect(throws: ClientError.self) { try await bus.unschedule("never") }
            #expect(unknown?.rejection == .unknownSchedule)
        }
    }
}
