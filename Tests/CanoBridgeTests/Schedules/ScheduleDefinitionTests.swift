import CanoBus
import CanoCore
import Testing

@testable import CanoBridge

@Suite("What a command says of a schedule", .timeLimit(.minutes(5)))
struct ScheduleDefinitionTests {
    private func rejection(_ due: ScheduleCommand.Due, zone: String? = nil) -> Rejection? {
        #expect(throws: Rejection.self) { try ScheduleDefinition(ScheduleCommand("s", of: "w", due: due, timeZone: zone)) }
    }

    @Test("is understood in the engine's terms")
    func understood() throws {
        let definition = try ScheduleDefinition(
            ScheduleCommand("s", of: "w", due: .cron("30 2 * * *"), timeZone: "Europe/Berlin", jitter: 7, catchUp: .all, overlap: .allow))
        #expect(definition.due == .cron(try CronExpression("30 2 * * *")))
        #expect(definition.zone == (try ScheduleTimeZone("Europe/Berlin")))
        #expect(definition.jitter == 7 && definition.catchUp == .all && definition.overlap == .allow)
        #expect(try ScheduleDefinition(ScheduleCommand("s", of: "w", due: .every(500))).zone == .utc)
    }

    @Test("is refused for what the engine can't use")
    func refused() {
        for rejection in [rejection(.cron("at noon")), rejection(.cron("* * * * *"), zone: "Mars/Base"), rejection(.every(1 << 52))] {
            #expect(rejection?.code == .invalidField)
            #expect(rejection?.addressee.workflow == "w")
        }
    }

    @Test("is refused in few words for a zone that does not exist, however long it is")
    func longZone() {
        let rejection = rejection(.cron("* * * * *"), zone: String(repeating: "a/", count: 50_000))
        #expect(rejection?.code == .invalidField)
        #expect((rejection?.message.utf8.count ?? .max) < 500)
    }
}
