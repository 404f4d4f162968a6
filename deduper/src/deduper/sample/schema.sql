-- The tables of the shared database that the deduper reads and writes, as its owner made them:
-- no index on a foreign key but one UNIQUE, timestamps as text.
CREATE TABLE Articles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    publicationName VARCHAR(255),
    author VARCHAR(255),
    title VARCHAR(255),
    description VARCHAR(255),
    url VARCHAR(255),
    urlToImage VARCHAR(255),
    publishedDate DATE,
    createdAt DATETIME NOT NULL,
    updatedAt DATETIME NOT NULL
);
CREATE TABLE ArticleApproveds (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    userId INTEGER NOT NULL,
    articleId INTEGER NOT NULL REFERENCES Articles (id),
    isApproved TINYINT DEFAULT 1,
    headlineForPdfReport VARCHAR(255),
    publicationNameForPdfReport VARCHAR(255),
    publicationDateForPdfReport DATE,
    textForPdfReport VARCHAR(255),
    urlForPdfReport VARCHAR(255),
    createdAt DATETIME NOT NULL,
    updatedAt DATETIME NOT NULL
);
CREATE TABLE ArticleContents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    articleId INTEGER NOT NULL REFERENCES Articles (id),
    content VARCHAR(255) NOT NULL,
    createdAt DATETIME NOT NULL,
    updatedAt DATETIME NOT NULL
);
CREATE TABLE ArticleReportContracts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    reportId INTEGER NOT NULL,
    articleId INTEGER NOT NULL REFERENCES Articles (id),
    articleReferenceNumberInReport VARCHAR(255),
    createdAt DATETIME NOT NULL,
    updatedAt DATETIME NOT NULL
);
CREATE TABLE States (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name VARCHAR(255) NOT NULL,
    abbreviation VARCHAR(255) NOT NULL,
    createdAt DATETIME NOT NULL,
    updatedAt DATETIME NOT NULL
);
CREATE TABLE ArticleStateContracts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    articleId INTEGER NOT NULL REFERENCES Articles (id),
    stateId INTEGER NOT NULL REFERENCES States (id),
    createdAt DATETIME NOT NULL,
    updatedAt DATETIME NOT NULL,
    UNIQUE (articleId, stateId)
);
CREATE TABLE ArticleDuplicateAnalyses (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    articleIdNew INTEGER NOT NULL REFERENCES Articles (id),
    articleIdApproved INTEGER NOT NULL REFERENCES Articles (id),
    reportId INTEGER,
    sameArticleIdFlag INTEGER,
    articleNewState VARCHAR(255),
    articleApprovedState VARCHAR(255),
    sameStateFlag INTEGER,
    urlCheck INTEGER,
    contentHash FLOAT,
    embeddingSearch FLOAT,
    createdAt DATETIME NOT NULL,
    updatedAt DATETIME NOT NULL
);
