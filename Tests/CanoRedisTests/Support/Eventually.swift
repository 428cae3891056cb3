import Testing

/// Waits until `condition` holds, asking again as soon as others have run; the suite's time limit ends it otherwise.
func eventually(_ condition: () async throws -> Bool) async throws {
    while try await !condition() {
        try Task.checkCancellation()
        await Task.yield()
    }
}
