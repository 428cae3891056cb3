import CanoCore
import CanoTesting
import Testing

// snippet.resource
struct PaymentClient: Resource {
    let connections = Counter()

    func setUp() async throws { connections.increment() }

    func tearDown() async throws { connections.increment() }

    func health() async -> HealthStatus { connections.value == 1 ? .healthy : .unhealthy("not connected") }
}

extension ResourceKey<PaymentClient> { static var payments: Self { "payments" } }
// snippet.end

extension ResourceKey<String> { static var scratchFolder: Self { "scratch-folder" } }

@Suite(.timeLimit(.minutes(5))) struct SharingResourcesSnippets {
    enum Stage: String, WorkflowState, CaseIterable { case charge, done }

    // snippet.use
    struct Charge: WorkflowTask {
        var requirements: [ResourceRequirement] { [ResourceKey<PaymentClient>.payments.required] }

        func run(_ context: TaskContext<Stage>) async throws -> Stage {
            let payments = try context[.payments]
            guard await payments.health().isHealthy else { throw NotConnected() }
            return .done
        }
    }
    // snippet.end

    struct NotConnected: Error {}

    // snippet.group
    struct Backends: FromResources {
        let payments: PaymentClient
        let scratchFolder: String

        init(from resources: Resources) throws(CanoError) {
            payments = try resources[.payments]
            scratchFolder = try resources[.scratchFolder]
        }
    }
    // snippet.end

    @Test("resources are set up for the run and torn down after it")
    func lifecycle() async throws {
        let client = PaymentClient()
        // snippet.insert
        let resources = Resources()
            .inserting(client, for: .payments)
            .insertingPerRun(for: .scratchFolder) { run in "scratch/\(run)" }
        let orders = Workflow<Stage>("orders", startingAt: .charge, resources: resources) { state in
            switch state {
            case .charge: .task(Charge())
            case .done: .exit
            }
        }
        // snippet.end
        try await orders.run()
        #expect(client.connections.value == 2)

        let runtime = WorkflowRuntime(clock: ManualClock())
        // snippet.health
        let report = await resources.checkHealth(within: .seconds(2), in: runtime)
        let worst = report.overall
        let isReady = report.isReady
        // snippet.end
        #expect(worst == .unhealthy("not connected"))
        #expect(!isReady)
    }

    @Test("a group takes its parts, those of the run included")
    func group() async throws {
        let resources = Resources()
            .inserting(PaymentClient(), for: .payments)
            .insertingPerRun(for: .scratchFolder) { run in "scratch/\(run)" }
        let folders = Journal<String>()
        let orders = Workflow<Stage>("orders", startingAt: .charge, resources: resources) { state in
            switch state {
            case .charge:
                .task { context in
                    // snippet.take
                    let backends = try context.resources(Backends.self)
                    // snippet.end
                    folders.add(backends.scratchFolder)
                    return .done
                }
            case .done: .exit
            }
        }
        try await orders.run(as: "r")
        #expect(folders.entries == ["scratch/r"])
    }
}
