import CanoCore

/// Measures how long scripts take, from their first sending to their answer.
struct ScriptTiming: Sendable {
    let metrics: BridgeRecorder
    let clock: BusClock

    /// A completion that also tells how long it took from now on, failures included.
    func timing<Answer>(
        _ script: String, _ completion: @escaping @Sendable (Result<Answer, any Error>) -> Void
    ) -> @Sendable (Result<Answer, any Error>) -> Void {
        let sent = clock.instant
        return { result in
            metrics.record(.scriptDuration, sent.duration(to: clock.instant), script)
            completion(result)
        }
    }
}
