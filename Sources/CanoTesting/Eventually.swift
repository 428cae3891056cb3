/// Waits until a condition holds.
///
/// It asks again as soon as other tasks have run, and after a while once a millisecond, so that a test that waits for
/// another process leaves it the processor.
///
/// - Parameters:
///   - limit: How long the condition has; far more than it should need.
///   - expectation: What is waited for, for the error.
///   - condition: What is to hold.
/// - Throws: ``UnmetExpectation`` when it doesn't hold in time; what the condition throws; `CancellationError`.
public func eventually(
    within limit: Duration = .seconds(30), _ expectation: String = "the condition", _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now.advanced(by: limit)
    var looks = 0
    while try await !condition() {
        try Task.checkCancellation()
        guard ContinuousClock.now < deadline else { throw UnmetExpectation("\(expectation) did not hold within \(limit)") }
        looks += 1
        if looks < 1_000 { await Task.yield() } else { try await Task.sleep(for: .milliseconds(1)) }
    }
}
