import type { Picture as PictureData } from '@latchkey-examples/news-api/contract';
import { useApi } from '../api/api-context.tsx';

export interface PictureProps {
  readonly picture: PictureData;
  /** `first` for the picture a page begins with. */
  readonly priority?: 'first' | 'later';
}

/** An article's picture. Its place of 16:9 is kept while it loads. */
export function Picture({ picture, priority = 'later' }: PictureProps) {
  const { api } = useApi();
  return (
    <img
      className="picture"
      src={api.pictureUrl(picture)}
      alt={picture.alt}
      width={960}
      height={540}
      decoding={priority === 'first' ? 'sync' : 'async'}
      fetchPriority={priority === 'first' ? 'high' : 'auto'}
      loading={priority === 'first' ? 'eager' : 'lazy'}
    />
  );
}
