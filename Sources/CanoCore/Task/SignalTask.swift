/// Waits for signals and goes on with what they say: what the lines of ``StateHandler`` that wait are made of.
struct SignalTask<State: WorkflowState, Value: Sendable>: WaitTask {
    let name: String
    let config: TaskConfig
    let signals: [Signal<Value>]
    let isAllNeeded: Bool
    let limit: @Sendable (TaskContext<State>) async throws -> WaitLimit<State>
    /// Given the values in the order of ``signals`` when all were needed, else the one that came first.
    let received: @concurrent @Sendable ([Value], TaskContext<State>) async throws -> State

    func makeNode() -> TaskNode<State> { makeNodeBeginningWithoutEffects() }

    @concurrent func begin(_ context: TaskContext<State>) async throws -> WaitStep<State> {
        let limit = try await limit(context)
        let names = signals.map(\.name)
        return .wait(isAllNeeded ? Wait(forAll: names, upTo: limit.outcome) : Wait(forFirst: names, upTo: limit.outcome))
    }

    @concurrent func wake(_ woken: Woken, _ context: TaskContext<State>) async throws -> WaitStep<State> {
        switch woken {
        case .signals(let came):
            var values: [Value] = []
            for signal in signals {
                if let found = came.first(where: { $0.name == signal.name }) { values.append(try signal.value(of: found)) }
            }
            return .next(try await received(values, context))
        case .timeout:
            guard let next = try await limit(context).next else {
                throw CanoError(.workflow, "a wait without a limit has come to its end", isRetryable: false)
            }
            return .next(next)
        }
    }
}
