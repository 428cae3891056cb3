import ServiceLifecycle

/// Services that stop at the same time, and not one after the other.
struct ConcurrentServices: Service {
    let services: [any Service]

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in services { group.addTask { try await service.run() } }
            try await group.waitForAll()
        }
    }
}
