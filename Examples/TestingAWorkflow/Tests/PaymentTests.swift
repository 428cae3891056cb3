import CanoBridge
import CanoBridgeTesting
import CanoClient
import CanoCore
import CanoTesting
import PaymentWorkflow
import Testing

@Suite("The workflow payment", .timeLimit(.minutes(1)))
struct PaymentTests {
    let clock = ManualClock()
    let observer = RecordingObserver()
    let shop = LogbookShop()

    private var runtime: WorkflowRuntime {
        WorkflowRuntime(clock: clock, observers: [observer], random: .always(0.5))
    }

    @Test("what is paid for is shipped")
    func ships() async throws {
        let parcel = try await payment(through: shop).run(Purchase(article: "tea", cents: 450))
        #expect(parcel == "parcel with tea")
        #expect(shop.log == ["reserve tea", "charge 450", "ship tea"])
    }

    @Test("a carrier who is busy is asked again, after pauses that grow: 700 ms on the clock, none in the test")
    func repeats() async throws {
        shop.on("ship", times: 3) { throw LogbookShop.Busy() }
        let parcel = try await clock.skippingWaits {
            try await payment(through: shop).run(Purchase(article: "tea", cents: 450), in: runtime)
        }
        #expect(parcel == "parcel with tea")
        #expect(clock.now == MonotonicInstant(nanoseconds: 700_000_000))
        try observer.expectPath(["reserve", "charge", "ship", "shipped"])
    }

    @Test("what cannot be shipped is refunded, and the article goes back")
    func undoes() async throws {
        shop.on("ship") { throw LogbookShop.NoCarrier() }
        let error = await #expect(throws: CanoError.self) {
            try await payment(through: shop).run(Purchase(article: "glass", cents: 900))
        }
        #expect(error?.rollback == .clean)
        #expect(shop.log == ["reserve glass", "charge 900", "ship glass", "refund charge 900", "release reserve glass"])
    }

    @Test("after a crash the article is not reserved again")
    func resumes() async throws {
        let (workflow, purchase) = (payment(through: shop), Purchase(article: "tea", cents: 450))
        let runtime = WorkflowRuntime(checkpoints: InMemoryCheckpointStore())
        // A process that ends in the middle of a step leaves what a run leaves that is handed back there.
        let process = RunControl()
        shop.on("ship") { process.stop(.handBack) }
        _ = try await workflow.drive(Run(id: "p-1", start: .fresh(.reserve), input: purchase, control: process), in: runtime)
        let parcel = try await workflow.resume("p-1", input: purchase, in: runtime)
        #expect(parcel == "parcel with tea")
        #expect(shop.log == ["reserve tea", "charge 450", "ship tea", "ship tea"])
    }

    @Test("on a bridge it does the same")
    func onABridge() async throws {
        let workflow = payment(through: CornerShop())
        try await withBridge {
            try $0.register(workflow)
        } run: { bus in
            let parcel = try await bus.execute(workflow.reference, Purchase(article: "tea", cents: 450))
            #expect(parcel == "parcel with tea")
            let error = await #expect(throws: ClientError.self) {
                try await bus.execute(workflow.reference, Purchase(article: "glass", cents: 900), id: "glass")
            }
            #expect(error?.code == .runFailed)
            #expect(try await bus.record(of: "glass")?.rollback == .clean)
        }
    }
}
