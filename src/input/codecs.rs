//! The decoders: other people's work, behind the feature `compression`.

use std::{
    io::{self, BufRead, BufReader, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::compressed::Compression;

/// Counts what a decoder has used up, not what was read ahead for it.
pub(super) struct Counted<R> {
    inner: BufReader<R>,
    count: Arc<AtomicU64>,
}

impl<R: Read> Counted<R> {
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner: BufReader::with_capacity(256 << 10, inner),
            count: Arc::default(),
        }
    }

    /// The number of bytes, as it grows.
    pub(super) fn count(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.count)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.count.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl<R: Read> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.inner.consume(count);
        self.count.fetch_add(count as u64, Ordering::Relaxed);
    }
}

/// The decoder. Those of zstd and xz refuse what asks for more than 128 and 512 MiB of memory.
#[cfg(feature = "compression")]
pub(super) fn decoder(
    compression: Compression,
    packed: impl BufRead + Send + 'static,
) -> io::Result<Box<dyn Read + Send>> {
    /// In KiB. The densest preset of xz takes 65 MiB.
    const XZ_MEMORY: u32 = 512 << 10;
    Ok(match compression {
        Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(packed)),
        Compression::Zstd => Box::new(zstd::Decoder::with_buffer(packed)?),
        Compression::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(packed, true, XZ_MEMORY)),
        Compression::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(packed)),
    })
}

/// A build without the decoders.
#[cfg(not(feature = "compression"))]
pub(super) fn decoder(
    _: Compression,
    _: impl BufRead + Send + 'static,
) -> io::Result<Box<dyn Read + Send>> {
    Err(io::ErrorKind::Unsupported.into())
}
