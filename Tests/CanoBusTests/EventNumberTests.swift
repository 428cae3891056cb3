import CanoBus
import Testing

@Suite("The number of an event", .timeLimit(.minutes(1)))
struct EventNumberTests {
    @Test("is printed with ten digits, and with more when it needs them")
    func sequences() {
        #expect(EventEntry.printed(sequence: 1) == "0000000001")
        #expect(EventEntry.printed(sequence: 12_345_678_901) == "12345678901")
    }
}
