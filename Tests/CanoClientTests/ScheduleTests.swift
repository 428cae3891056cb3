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

    @Test("are paused, stay so when they are set again, and are run and resumed")
    func paused() async throws {
        try await withBridge {
            try $0.register(answering)
        } run: { bus in
            let timing = ScheduleTiming.cron("30 2 * * *", timeZone: "UTC")
            guard case .set(let next?) = try await bus.schedule("nightly", timing, answering.reference, Work()) else {
                Issue.record("the schedule was not set")
                return
            }
            let paused = try await bus.pauseSchedule("nightly")
            guard case .paused(let since) = paused else {
                Issue.record("the schedule was not paused: \(paused)")
                return
            }
            #expect(try await bus.pauseSchedule("nightly") == .paused(since: since))
            #expect(try await bus.schedule("nightly", timing, answering.reference, Work()) == .paused(since: since))
            let rests = try #require(await bus.schedules().first)
            #expect(rests.pausedSince == since && rests.next == nil && rests.lastRun == nil)

            let run = try await bus.runSchedule("nightly")
            try await eventually(within: .seconds(20), "it has run") { try await bus.record(of: run)?.output == #""done""# }
            let ran = try #require(await bus.schedules().first)
            #expect(ran.lastRun == run && run.hasPrefix("nightly@") && ran.fired == 1 && ran.last == nil && ran.pausedSince == since)

            #expect(try await bus.resumeSchedule("nightly") == .set(next: next))
            let goesOn = try #require(await bus.schedules().first)
            #expect(goesOn.next == next && goesOn.pausedSince == nil)
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
            let paused = await #expect(throws: ClientError.self) { try await bus.pauseSchedule("never") }
            #expect(paused?.rejection == .unknownSchedule)
        }
    }
}
