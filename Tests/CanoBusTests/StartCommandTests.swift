import CanoBus
import Testing

@Suite("A start on the bus", .timeLimit(.minutes(5)))
struct StartCommandTests {
    @Test("keeps ids that begin with a schedule's name and an @ for the schedule's own runs")
    func reserved() {
        func schedule(reserving run: String, _ schedule: String? = nil) -> String? {
            StartCommand("w", run: run, schedule: schedule).reservingSchedule
        }
        #expect(schedule(reserving: "nightly@5") == "nightly")
        #expect(schedule(reserving: "nightly@5@6") == "nightly")
        #expect(schedule(reserving: "nightly@5", "nightly") == nil)
        #expect(schedule(reserving: "nightly@5", "daily") == "nightly")
        for free in ["nightly", "@5", "a:b@5", "a/b@5"] { #expect(schedule(reserving: free) == nil) }
    }
}
