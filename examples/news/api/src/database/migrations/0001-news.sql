-- Topics and sources come with the content; both are short lists.
create table topics (
  key text primary key,
  name text not null,
  description text not null,
  position integer not null
);

create table sources (
  key text primary key,
  name text not null,
  description text not null,
  position integer not null
);

-- Times have milliseconds, as JavaScript has, so that a cursor names a row exactly.
create table articles (
  id bigint generated always as identity primary key,
  slug text not null unique,
  title text not null,
  summary text not null,
  topic_key text not null references topics (key),
  source_key text not null references sources (key),
  author text not null,
  tags text[] not null,
  body_format text not null check (body_format in ('markdown', 'html')),
  body text not null,
  html text not null,
  plain_text text not null,
  reading_minutes integer not null,
  motif text not null,
  palette text not null,
  picture_alt text not null,
  link text,
  external_id text,
  status text not null check (status in ('draft', 'published')),
  published_at timestamptz(3),
  version integer not null default 1,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  search tsvector not null generated always as (
    setweight(to_tsvector('english', title), 'A') ||
    setweight(to_tsvector('english', summary), 'B') ||
    setweight(to_tsvector('english', plain_text), 'C')
  ) stored,
  check (status = 'draft' or published_at is not null)
);

-- Lists are read in index order, newest first; the ID decides between equal times.
create index articles_latest on articles (published_at desc, id desc) where status = 'published';
create index articles_by_topic on articles (topic_key, published_at desc, id desc) where status = 'published';
create index articles_by_source on articles (source_key, published_at desc, id desc) where status = 'published';
create index articles_drafts on articles (updated_at desc, id desc) where status = 'draft';
create index articles_search on articles using gin (search);
create unique index articles_external on articles (source_key, external_id) where external_id is not null;

-- A reader is an account of an issuer.
create table readers (
  id bigint generated always as identity primary key,
  issuer text not null,
  subject text not null,
  is_history_on boolean not null default true,
  chosen_at timestamptz(3),
  created_at timestamptz(3) not null,
  unique (issuer, subject)
);

create table reader_topics (
  reader_id bigint not null references readers (id) on delete cascade,
  topic_key text not null references topics (key),
  stance text not null check (stance in ('followed', 'muted')),
  primary key (reader_id, topic_key)
);

create table reader_sources (
  reader_id bigint not null references readers (id) on delete cascade,
  source_key text not null references sources (key),
  stance text not null check (stance in ('followed', 'muted')),
  primary key (reader_id, source_key)
);

create table saved_articles (
  reader_id bigint not null references readers (id) on delete cascade,
  article_id bigint not null references articles (id) on delete cascade,
  saved_at timestamptz(3) not null,
  primary key (reader_id, article_id)
);
create index saved_articles_latest on saved_articles (reader_id, saved_at desc, article_id desc);
create index saved_articles_by_article on saved_articles (article_id);

create table history (
  reader_id bigint not null references readers (id) on delete cascade,
  article_id bigint not null references articles (id) on delete cascade,
  read_at timestamptz(3) not null,
  primary key (reader_id, article_id)
);
create index history_latest on history (reader_id, read_at desc, article_id desc);
create index history_by_article on history (article_id);

-- Notes of the API to itself: whether the content was loaded, up to when deleted accounts were looked for.
create table notes (
  name text primary key,
  value text not null
);
