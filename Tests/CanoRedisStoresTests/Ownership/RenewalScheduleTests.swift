import CanoRedisStores
import Testing

@Suite("Renewing many leases", .timeLimit(.minutes(5)))
struct RenewalScheduleTests {
    @Test("needs a script for each 200 runs", arguments: [(0, []), (1, [1]), (200, [200]), (201, [200, 1]), (650, [200, 200, 200, 50])])
    func parts(count: Int, sizes: [Int]) {
        let schedule = RenewalSchedule(of: Array(0..<count), over: .seconds(4))
        #expect(schedule.parts.map(\.runs.count) == sizes)
        #expect(schedule.parts.flatMap(\.runs) == Array(0..<count))
    }

    @Test("is spread over the interval, from its begin on")
    func delays() {
        let schedule = RenewalSchedule(of: Array(0..<650), over: .seconds(4))
        #expect(schedule.parts.map(\.delay) == [.zero, .seconds(1), .seconds(2), .seconds(3)])
    }
}
