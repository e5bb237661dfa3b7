//! Backends that keep no list of recent conversations yet.

use async_trait::async_trait;
use pinfold_core::{AppId, ChatGroupId, Conversation, RecentEntry, Timestamp, Touches};

use crate::{AccountKey, Life, Postgres, Recents, StoreError, SweepStep, Touched};

macro_rules! unsupported {
    ($backend:ty) => {
        #[async_trait]
        impl Recents for $backend {
            async fn touch(&self, _: AppId, _: &Touches) -> Result<Touched, StoreError> {
                Err(StoreError::Failed("this store keeps no list of recent conversations yet".into()))
            }

            async fn entries(&self, _: &AccountKey, _: Life) -> Result<Vec<RecentEntry>, StoreError> {
                Ok(Vec::new())
            }

            async fn entry(&self, _: &AccountKey, _: Life, _: &Conversation) -> Result<Option<Timestamp>, StoreError> {
                Ok(None)
            }

            async fn chat_group_times(
                &self,
                _: AppId,
                ids: &[ChatGroupId],
            ) -> Result<Vec<Option<Timestamp>>, StoreError> {
                Ok(vec![None; ids.len()])
            }

            async fn trim(&self, _: &AccountKey, _: Life, _: &[RecentEntry]) -> Result<(), StoreError> {
                Ok(())
            }

            async fn sweep(&self, _: Option<&AccountKey>, _: usize) -> Result<SweepStep, StoreError> {
                Ok(SweepStep { removed: 0, last: None })
            }
        }
    };
}

unsupported!(Postgres);
