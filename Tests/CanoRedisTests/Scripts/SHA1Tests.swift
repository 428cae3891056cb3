import Testing

@testable import CanoRedis

@Suite("SHA-1")
struct SHA1Tests {
    @Test(
        "gives the digests of RFC 3174",
        arguments: [
            ("abc", 1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
            ("a", 1_000_000, "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
            ("0123456701234567012345670123456701234567012345670123456701234567", 10, "dea356a2cddd90c7a7ecedc5ebb563934f460452"),
            ("", 1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ])
    func vectors(_ text: String, _ count: Int, _ digest: String) {
        #expect(SHA1.hexDigest(of: Array(String(repeating: text, count: count).utf8)) == digest)
    }

    @Test("pads every length around a block's end", arguments: 54...66)
    func lengths(_ length: Int) {
        let digest = SHA1.hexDigest(of: Array(repeating: 0x61, count: length))
        #expect(digest.count == 40)
        #expect(digest != SHA1.hexDigest(of: Array(repeating: 0x61, count: length + 1)))
    }
}
