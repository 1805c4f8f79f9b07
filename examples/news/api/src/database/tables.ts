import type { Generated, GeneratedAlways } from 'kysely';

/** The columns of each table, as the migrations make them. */
export interface Tables {
  topics: { key: string; name: string; description: string; position: number };
  sources: { key: string; name: string; description: string; position: number };
  articles: ArticlesTable;
  readers: {
    id: GeneratedAlways<number>;
    issuer: string;
    subject: string;
    is_history_on: Generated<boolean>;
    chosen_at: Date | null;
    created_at: Date;
  };
  reader_topics: { reader_id: number; topic_key: string; stance: Stance };
  reader_sources: { reader_id: number; source_key: string; stance: Stance };
  saved_articles: { reader_id: number; article_id: number; saved_at: Date };
  history: { reader_id: number; article_id: number; read_at: Date };
  notes: { name: string; value: string };
}

/** Whether a reader wants more of a topic or source, or none of it. */
export type Stance = 'followed' | 'muted';

export interface ArticlesTable {
  id: GeneratedAlways<number>;
  slug: string;
  title: string;
  summary: string;
  topic_key: string;
  source_key: string;
  author: string;
  tags: string[];
  body_format: 'markdown' | 'html';
  body: string;
  html: string;
  plain_text: string;
  reading_minutes: number;
  motif: string;
  palette: string;
  picture_alt: string;
  link: string | null;
  external_id: string | null;
  status: 'draft' | 'published';
  published_at: Date | null;
  version: Generated<number>;
  created_at: Date;
  updated_at: Date;
}
